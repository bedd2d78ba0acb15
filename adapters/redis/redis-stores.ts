import type { Clock } from '../../core/ports';
import type { AskInTime } from '../../core/store-outage';
import { RedisConnection } from './connection/redis-connection';
import type { RedisSettings } from './connection/redis-settings';
import { createPolicyStore, type SharedPolicyStore } from './create-policy-store';
import { RedisIdempotencyStore } from './redis-idempotency-store';
import { RedisPolicyRegistry } from './redis-policy-registry';
import { RedisResultCache } from './redis-result-cache';
import { ScriptRunner } from './script-runner';
import { StateKeys } from './state-keys';
import { UsedPolicies } from './used-policies';
import { WakeUps } from './wake-ups';

const DEFAULT_PREFIX = 'bulwark:';

const patiently: AskInTime = async (request) => await request();

/** What the stores of one process go by. */
export interface RedisStoresEnvironment {
	readonly clock: Clock;
	/** Makes ids that are unique for ever and begin with the name of this process and a colon. */
	readonly newId: () => string;
	/** By which what has no stand-in is asked. Default: waits for Redis however long that takes. */
	readonly ask?: AskInTime;
}

/** All that Bulwark keeps in one Redis, over one connection for commands and one that listens. */
export class RedisStores {
	readonly connection: RedisConnection;
	readonly policies: SharedPolicyStore;
	readonly runs: RedisIdempotencyStore;
	readonly results: RedisResultCache;
	readonly registry: RedisPolicyRegistry;

	/** Does not connect before something is asked. */
	constructor(settings: RedisSettings, { clock, newId, ask = patiently }: RedisStoresEnvironment) {
		const connection = new RedisConnection(settings);
		const keys = new StateKeys(settings.prefix ?? DEFAULT_PREFIX);
		this.connection = connection;
		// Scripts call for a process by what its ids begin with.
		const [processId] = newId().split(':', 1) as [string];
		const channel = keys.wakeChannel + processId;
		const wakeUps = new WakeUps(() => connection.listen(), channel, clock);
		const runner = new ScriptRunner(connection);
		const common = { runner, keys, wakeUps, clock, newRequestId: newId };
		this.policies = createPolicyStore(settings.topology, {
			...common,
			used: new UsedPolicies(connection, keys, () => clock.now()),
		});
		this.runs = new RedisIdempotencyStore(common);
		this.results = new RedisResultCache(connection, keys, ask);
		this.registry = new RedisPolicyRegistry({ ...common, connection, ask });
	}

	/** Ends all connections; the next use connects again. */
	close(): void {
		this.connection.close();
	}
}
