export type { RedisClient } from './connection/create-client';
export { explain, isReply } from './connection/explain';
export { RedisConnection } from './connection/redis-connection';
export type {
	RedisAddress,
	RedisSettings,
	RedisTls,
	RedisTopology,
} from './connection/redis-settings';
export { redisSettingsOf } from './connection/redis-settings-of';
export { createPolicyStore, type SharedPolicyStore } from './create-policy-store';
export { RedisPlanStore } from './redis-plan-store';
export { RedisPolicyKeys } from './redis-policy-keys';
export { RedisPolicyRegistry } from './redis-policy-registry';
export {
	RedisIdempotencyStore,
	type RedisIdempotencyStoreSettings,
} from './redis-idempotency-store';
export { RedisPolicyStore, type RedisPolicyStoreSettings } from './redis-policy-store';
export { RedisResultCache } from './redis-result-cache';
export { RedisStores, type RedisStoresEnvironment } from './redis-stores';
export { ScriptRunner, type ScriptingConnection } from './script-runner';
export { StateKeys } from './state-keys';
export { TurnedAway } from './turned-away';
export { UsedPolicies, type NotingConnection } from './used-policies';
export { WakeUps, type ListeningClient } from './wake-ups';
