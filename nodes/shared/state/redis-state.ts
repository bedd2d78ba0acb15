import { MemoryIdempotencyStore, MemoryPolicyStore } from '../../../adapters/memory';
import { RedisStores, type RedisSettings } from '../../../adapters/redis';
import { workerName } from '../../../adapters/system';
import { ScopedBreakerStore } from '../../../core/breaker-scope';
import { LeasingPolicyStore } from '../../../core/local-leases';
import { LeaseKeeper } from '../../../core/pipeline';
import { DefinitionNotes, KnownPolicies } from '../../../core/policy-registry';
import {
	askInTime,
	inTime,
	OutageTolerantIdempotencyStore,
	OutageTolerantStore,
	StoreParts,
	type StoreEvent,
	type WhenStoreIsDown,
} from '../../../core/store-outage';
import { LEASE_MS, services, type Services } from '../services';
import { reportStoreEvent } from './report-store-event';

/** The first connection may take this long, in ms; what is known to be down keeps nobody waiting. */
const FIRST_CONNECTION_MS = 1_000;

/** A Redis that is down is tried no longer when no call has asked for it for this long, in ms. */
const UNUSED_MS = 600_000;

/** One Redis as this process uses it: one connection for commands and one that listens, however many steps there are. */
export class RedisState {
	private readonly redis: RedisStores;
	private readonly parts: StoreParts;
	private readonly local = new MemoryPolicyStore(services.clock);
	private readonly localRuns = new MemoryIdempotencyStore(services.clock);
	/** Breakers that this process has for itself. */
	private readonly own = new MemoryPolicyStore(services.clock);
	private readonly leasing: LeasingPolicyStore[] = [];
	private readonly notes: DefinitionNotes;
	private readonly policies: KnownPolicies;
	private readonly made = new Map<WhenStoreIsDown, Services>();
	private usedAt = services.clock.now();

	constructor(
		settings: RedisSettings,
		/** Called when it has closed because nobody used it: a credential may have been corrected. */
		private readonly onUnused: () => void = () => undefined,
		private readonly unusedMs = UNUSED_MS,
	) {
		const { clock, newPermitId } = services;
		this.parts = new StoreParts(clock, (part) => this.probe(part), this.tell);
		this.redis = new RedisStores(settings, {
			clock,
			newId: newPermitId,
			askOf: (part) => askInTime(this.parts.healthOf(part), clock),
		});
		this.notes = new DefinitionNotes(this.redis.registry, clock);
		this.policies = new KnownPolicies(this.redis.registry, clock);
	}

	/** What a step works with that has chosen what becomes of its calls while Redis is down. */
	async open(whenDown: WhenStoreIsDown): Promise<Services> {
		this.usedAt = services.clock.now();
		if (this.redis.connection.isClosed) await this.connect();
		const made = this.made.get(whenDown) ?? this.make(whenDown);
		this.made.set(whenDown, made);
		return made;
	}

	/**
	 * Does what steps do: writes, by functions that it loads or by scripts.
	 * @throws {StoreError} that says what stands in the way.
	 */
	async check(): Promise<void> {
		await this.redis.policies.check();
	}

	/** Gives back what is not used, and takes nothing ahead any more: the process is about to end. */
	async retire(): Promise<void> {
		await Promise.all(this.leasing.map((store) => store.retire()));
	}

	/** Gives back what is not used, and ends all connections; the next use connects again. */
	async close(): Promise<void> {
		await Promise.all(this.leasing.map((store) => store.drain()));
		this.parts.stop();
		this.redis.close();
	}

	/** One execution may make calls for hours. They tell when Redis is lost, and of each that goes on without it. */
	private readonly tell = (event: StoreEvent): void => {
		this.usedAt = services.clock.now();
		reportStoreEvent(event);
	};

	private get isUsed(): boolean {
		const isHeld = [...this.made.values()].some(
			({ leases, runLeases }) => leases.size + runLeases.size > 0,
		);
		return isHeld || services.clock.now() - this.usedAt < this.unusedMs;
	}

	private async probe(part: string): Promise<void> {
		if (this.isUsed) return await this.redis.check(part);
		this.onUnused();
		await this.close();
		throw new Error('Nobody uses it any more');
	}

	private make(whenDown: WhenStoreIsDown): Services {
		const { clock, newPermitId } = services;
		const { redis, parts, notes, policies } = this;
		const tolerant = new OutageTolerantStore(
			redis.policies,
			this.local,
			parts.by((name) => redis.partOfPolicy(name)),
			clock,
			whenDown,
			this.tell,
		);
		const leasing = new LeasingPolicyStore(tolerant, clock, newPermitId);
		this.leasing.push(leasing);
		const store = new ScopedBreakerStore(leasing, this.own, workerName());
		const runs = new OutageTolerantIdempotencyStore(
			redis.runs,
			this.localRuns,
			parts.by((address) => redis.partOfRun(address)),
			clock,
			whenDown,
			this.tell,
		);
		return {
			...services,
			store,
			leases: new LeaseKeeper(store, clock, LEASE_MS, tellOverdue),
			runs,
			runLeases: new LeaseKeeper(runs, clock, LEASE_MS, tellOverdue),
			results: redis.results,
			registry: redis.registry,
			notes,
			policies,
		};
	}

	private async connect(): Promise<void> {
		// Any part will do.
		const part = this.redis.partOfPolicy('');
		const health = this.parts.healthOf(part);
		if (health.isDown) return;
		try {
			await inTime(this.redis.check(part), services.clock, FIRST_CONNECTION_MS);
		} catch (error) {
			health.noteFailure(error);
		}
	}
}

const tellOverdue = (leases: number): void => reportStoreEvent({ type: 'leases-overdue', leases });
