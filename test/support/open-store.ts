import {
	RedisStores,
	type RedisConnection,
	type RedisIdempotencyStore,
	type RedisPlanStore,
	type RedisPolicyKeys,
	type RedisPolicyRegistry,
	type RedisSettings,
	type SharedPolicyStore,
} from '../../adapters/redis';
import { createPermitIds, systemClock } from '../../adapters/system';
import { guard } from '../../core/policies/define';
import type { AdmitRequest, PolicyDefinition, ResultCache } from '../../core/ports';

/** A store in Redis as a process of its own would have it. */
export interface OpenStore {
	readonly connection: RedisConnection;
	readonly store: SharedPolicyStore;
	readonly runs: RedisIdempotencyStore;
	readonly registry: RedisPolicyRegistry;
	readonly results: ResultCache;
	readonly plans: RedisPlanStore;
	readonly policyKeys: RedisPolicyKeys;
	/** Unique for ever, and such that this process is called by it. */
	newId(): string;
	/** What a first call under these policies asks for. */
	request(policies: readonly PolicyDefinition[], leaseMs?: number): AdmitRequest;
	/** Resolves when Redis answers. */
	ping(): Promise<unknown>;
	close(): void;
}

export const localAddress = (port: number) => ({ host: '127.0.0.1', port });

/** Settings for one server on this machine. */
export const standalone = (port: number): RedisSettings => ({
	topology: { type: 'standalone', address: localAddress(port) },
});

/** @returns a store that does not connect before it is used. */
export function openStore(settings: RedisSettings): OpenStore {
	const newId = createPermitIds();
	const redis = new RedisStores(settings, { clock: systemClock, newId });
	const { connection } = redis;
	return {
		connection,
		store: redis.policies,
		runs: redis.runs,
		registry: redis.registry,
		results: redis.results,
		plans: redis.plans,
		policyKeys: redis.policyKeys,
		newId,
		request: (policies, leaseMs = 30_000) => ({
			permitId: newId(),
			guards: policies.map((policy) => guard(policy)),
			attempt: 1,
			leaseMs,
		}),
		ping: async () => {
			await connection.ready();
			return await connection.client.ping();
		},
		close: () => redis.close(),
	};
}
