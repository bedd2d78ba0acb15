import { MemoryIdempotencyStore, MemoryPolicyStore } from '../../../adapters/memory';
import {
	createPolicyStore,
	RedisConnection,
	RedisIdempotencyStore,
	RedisPolicyRegistry,
	RedisResultCache,
	ScriptRunner,
	StateKeys,
	UsedPolicies,
	WakeUps,
	type RedisSettings,
	type SharedPolicyStore,
} from '../../../adapters/redis';
import { ScopedBreakerStore } from '../../../core/breaker-scope';
import { LeasingPolicyStore } from '../../../core/local-leases';
import { LeaseKeeper, raceLimits } from '../../../core/pipeline';
import { DefinitionNotes, KnownPolicies } from '../../../core/policy-registry';
import {
	OutageTolerantIdempotencyStore,
	OutageTolerantStore,
	StoreHealth,
	type WhenStoreIsDown,
} from '../../../core/store-outage';
import { LEASE_MS, services, type Services } from '../services';
import { reportStoreEvent } from './report-store-event';

const DEFAULT_PREFIX = 'bulwark:';

/** The first connection may take this long, in ms; what is known to be down keeps nobody waiting. */
const FIRST_CONNECTION_MS = 1_000;

/** One Redis as this process uses it: one connection for commands and one that listens, however many steps there are. */
export class RedisState {
	private readonly connection: RedisConnection;
	private readonly shared: SharedPolicyStore;
	private readonly health: StoreHealth;
	private readonly local = new MemoryPolicyStore(services.clock);
	/** Breakers that this process has for itself. */
	private readonly own = new MemoryPolicyStore(services.clock);
	/** Also the name of this worker: permit ids begin with it, by which scripts call for it. */
	private readonly processId = services.newPermitId().split(':', 1)[0]!;
	private readonly sharedRuns: RedisIdempotencyStore;
	private readonly localRuns = new MemoryIdempotencyStore(services.clock);
	private readonly leasing: LeasingPolicyStore[] = [];
	private readonly results: RedisResultCache;
	private readonly registry: RedisPolicyRegistry;
	private readonly notes: DefinitionNotes;
	private readonly policies: KnownPolicies;
	private readonly made = new Map<WhenStoreIsDown, Services>();

	constructor(settings: RedisSettings) {
		const { clock, newPermitId } = services;
		const connection = new RedisConnection(settings);
		const keys = new StateKeys(settings.prefix ?? DEFAULT_PREFIX);
		this.connection = connection;
		const common = {
			runner: new ScriptRunner(connection),
			keys,
			wakeUps: new WakeUps(() => connection.listen(), keys.wakeChannel + this.processId, clock),
			clock,
		};
		this.shared = createPolicyStore(settings.topology, {
			...common,
			used: new UsedPolicies(connection, keys, () => clock.now()),
			newRequestId: newPermitId,
		});
		this.sharedRuns = new RedisIdempotencyStore(common);
		this.health = new StoreHealth(clock, () => this.check(), reportStoreEvent);
		const isReachable = () => !this.health.isDown;
		this.results = new RedisResultCache(connection, keys, isReachable);
		this.registry = new RedisPolicyRegistry({ ...common, connection, isReachable });
		this.notes = new DefinitionNotes(this.registry, clock);
		this.policies = new KnownPolicies(this.registry, clock);
	}

	/** What a step works with that has chosen what becomes of its calls while Redis is down. */
	async open(whenDown: WhenStoreIsDown): Promise<Services> {
		if (this.connection.isClosed && !this.health.isDown) await this.connect();
		let made = this.made.get(whenDown);
		if (!made) {
			const { clock, newPermitId } = services;
			const { shared, local, own, sharedRuns, localRuns, health, processId } = this;
			const { results, registry, notes, policies } = this;
			const tolerant = new OutageTolerantStore(
				shared,
				local,
				health,
				clock,
				whenDown,
				reportStoreEvent,
			);
			const leasing = new LeasingPolicyStore(tolerant, clock, newPermitId);
			this.leasing.push(leasing);
			const store = new ScopedBreakerStore(leasing, own, processId);
			const runs = new OutageTolerantIdempotencyStore(
				sharedRuns,
				localRuns,
				health,
				clock,
				whenDown,
				reportStoreEvent,
			);
			made = {
				...services,
				store,
				leases: new LeaseKeeper(store, clock, LEASE_MS),
				runs,
				runLeases: new LeaseKeeper(runs, clock, LEASE_MS),
				results,
				registry,
				notes,
				policies,
			};
			this.made.set(whenDown, made);
		}
		return made;
	}

	/**
	 * Does what steps do: writes, by functions that it loads or by scripts.
	 * @throws {StoreError} that says what stands in the way.
	 */
	async check(): Promise<void> {
		await this.shared.check();
	}

	/** Gives back what is not used, and ends all connections; the next use connects again. */
	async close(): Promise<void> {
		await Promise.all(this.leasing.map((store) => store.drain()));
		this.health.stop();
		this.connection.close();
	}

	private async connect(): Promise<void> {
		const limits = { timeoutMs: FIRST_CONNECTION_MS, scope: 'call', signal: undefined } as const;
		try {
			await raceLimits(this.check(), services.clock, limits);
		} catch (error) {
			this.health.noteLoss(error);
		}
	}
}
