import type { Clock, RunAddress } from '../../core/ports';
import type { AskInTime } from '../../core/store-outage';
import { RedisConnection } from './connection/redis-connection';
import type { RedisSettings } from './connection/redis-settings';
import { createPolicyStore, type SharedPolicyStore } from './create-policy-store';
import { RedisIdempotencyStore } from './redis-idempotency-store';
import { RedisPlanStore } from './redis-plan-store';
import { RedisPolicyKeys } from './redis-policy-keys';
import { RedisPolicyRegistry } from './redis-policy-registry';
import { RedisRecoveryRecords } from './redis-recovery-records';
import { RedisResultCache } from './redis-result-cache';
import { ScriptRunner } from './script-runner';
import { StateKeys } from './state-keys';
import { TurnedAway } from './turned-away';
import { UsedPolicies } from './used-policies';
import { WakeUps } from './wake-ups';

const DEFAULT_PREFIX = 'bulwark:';

/** Among so many names there is one for each of a thousand masters. */
const MOST_PROBE_NAMES = 20_000;

const patiently: AskInTime = async (request) => await request();

/** What the stores of one process go by. */
export interface RedisStoresEnvironment {
	readonly clock: Clock;
	/** Makes ids that are unique for ever and begin with the name of this process and a colon. */
	readonly newId: () => string;
	/** By which what has no stand-in is asked of a part. Default: waits for Redis however long that takes. */
	readonly askOf?: (part: string) => AskInTime;
}

/** All that Bulwark keeps in one Redis, over one connection for commands and one that listens. */
export class RedisStores {
	readonly connection: RedisConnection;
	readonly policies: SharedPolicyStore;
	readonly runs: RedisIdempotencyStore;
	readonly results: RedisResultCache;
	readonly registry: RedisPolicyRegistry;
	readonly policyKeys: RedisPolicyKeys;
	readonly recoveries: RedisRecoveryRecords;
	readonly plans: RedisPlanStore;
	/** Parts of Redis fail one by one: they are a cluster's masters. All else is one part. */
	private readonly partOf: (key: () => string) => string;
	private readonly keys: StateKeys;

	/** Does not connect before something is asked. */
	constructor(
		settings: RedisSettings,
		{ clock, newId, askOf = () => patiently }: RedisStoresEnvironment,
	) {
		const connection = new RedisConnection(settings);
		const keys = new StateKeys(settings.prefix ?? DEFAULT_PREFIX);
		this.connection = connection;
		this.keys = keys;
		const isCluster = settings.topology.type === 'cluster';
		this.partOf = isCluster ? (key) => connection.masterOf(key()) : () => '';
		// Scripts call for a process by what its ids begin with.
		const [processId] = newId().split(':', 1) as [string];
		const channel = keys.wakeChannel + processId;
		const wakeUps = new WakeUps(() => connection.listen(), channel, clock);
		const runner = new ScriptRunner(connection);
		const common = { runner, keys, wakeUps, clock, newRequestId: newId };
		const turnedAway = new TurnedAway(connection, keys, clock);
		this.policies = createPolicyStore(settings.topology, {
			...common,
			used: new UsedPolicies(connection, keys, () => clock.now()),
			turnedAway,
		});
		this.runs = new RedisIdempotencyStore(common);
		const askOfKey = (key: string) => askOf(this.partOf(() => key));
		this.results = new RedisResultCache(connection, keys, askOfKey);
		this.plans = new RedisPlanStore(connection, keys);
		this.policyKeys = new RedisPolicyKeys({ connection, runner, keys, turnedAway, clock });
		this.recoveries = new RedisRecoveryRecords(connection, runner, keys);
		this.registry = new RedisPolicyRegistry({ ...common, connection, askOf: askOfKey });
	}

	/** The part that keeps the states of policies of this name. */
	partOfPolicy(name: string): string {
		return this.partOf(() => this.keys.markBase(name));
	}

	/** The part that keeps the record of a piece of work. */
	partOfRun(address: RunAddress): string {
		return this.partOf(() => this.keys.ofRun(address)[0]);
	}

	/**
	 * Resolves when a part does what steps ask of it, or keeps nothing any more.
	 * @throws {StoreError} that says what stands in the way.
	 */
	async check(part: string): Promise<void> {
		if (!this.connection.isMaster(part)) return;
		for (let number = 0; number < MOST_PROBE_NAMES; number++) {
			const name = `bulwark:check:${number}`;
			if (this.partOfPolicy(name) === part) return await this.policies.check(name);
		}
	}

	/** Ends all connections; the next use connects again. */
	close(): void {
		this.connection.close();
	}
}
