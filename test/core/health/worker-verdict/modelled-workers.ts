import type {
	InstanceEntry,
	JobLock,
	ProcessMetrics,
	UnreachableProcess,
	QueuedJob,
	RedisClient,
	WorkerStatus,
} from '../../../../core/ports/stack';
import type { WorkersLook } from '../../../../core/health/worker-verdict';
import type { Reading } from '../../../../core/stack';

const TICK_MS = 500;
const LOCK_MS = 60_000;
const RENEW_MS = 10_000;
const ASK_MS = 5_000;
const HEARTBEAT_MS = 30_000;
const ENTRY_MS = 60_000;

interface Job {
	readonly id: string;
	readonly durationMs: number;
	readonly takenAt: number;
	/** From when on the worker says that it runs it. */
	readonly startedAt: number;
	lockUntil: number;
	renewedAt: number;
}

/** One at a time runs in a slot; a slot that hangs, or waits after an error, takes none. */
interface Slot {
	job?: Job;
	waitsUntil?: number;
	isHung?: boolean;
}

/** What happens to a worker. */
export type Fault = 'none' | 'lost reply' | 'half-open' | 'killed';

class ModelledWorker {
	readonly slots: Slot[];
	fault: Fault = 'none';
	faultAt = Infinity;
	isStopping = false;
	isRegistered = true;
	lastSeenAt: number;
	blockedUntil = 0;
	/** The last one that was heard. */
	answer?: WorkerStatus;
	taker?: { id: string; command: string; openedAt: number; sentAt: number; isAsking: boolean };

	constructor(
		readonly hostId: string,
		readonly lockOwner: string,
		readonly startedAt: number,
		readonly asksFrom: number,
		slots: number,
	) {
		this.slots = Array.from({ length: slots }, () => ({}));
		this.lastSeenAt = startedAt;
	}

	get hasEnded(): boolean {
		return this.fault === 'killed' || !this.isRegistered;
	}

	get isCutOff(): boolean {
		return this.fault === 'half-open' || this.fault === 'killed';
	}
}

/**
 * What workers call themselves: each has a name of its own, or all have one and run here, so that their processes are
 * known, or elsewhere, started one after the other or all at once.
 */
export type Names = 'their own' | 'one, here' | 'one, elsewhere' | 'one, elsewhere, at once';

/** So long after one worker the next one starts. */
const START_APART_MS: Readonly<Record<Names, number>> = {
	'their own': 20,
	'one, here': 20,
	'one, elsewhere': 10_000,
	'one, elsewhere, at once': 1,
};

/** Workers of n8n as Bull lets them be seen: what they do is simulated, what a look shows of it is as in Redis. */
export class ModelledWorkers {
	readonly workers: ModelledWorker[] = [];
	private readonly waiting: number[] = [];
	/** Jobs of workers that are gone, until their locks run out. */
	private readonly orphans: Job[] = [];
	private ids = 0;
	private delays = 0;
	private startedAt = 0;
	now = Date.UTC(2026, 0, 1);
	dbDelayMs = 0;

	constructor(
		private readonly tellsApart: (index: number) => boolean,
		private readonly names: Names,
	) {}

	start(slots: number, startMs = 0): ModelledWorker {
		const id = this.ids++;
		const apartMs = START_APART_MS[this.names];
		if (this.workers.length > 0 && apartMs > 1_000) this.run(apartMs);
		this.startedAt = Math.max(this.startedAt + apartMs, this.now);
		const worker = new ModelledWorker(
			this.names === 'their own' ? `worker-${id}` : 'worker-host',
			`token-${id}`,
			this.startedAt,
			this.now + startMs,
			slots,
		);
		this.workers.push(worker);
		return worker;
	}

	add(count: number, durationMs: number): void {
		for (let added = 0; added < count; added++) this.waiting.push(durationMs);
	}

	fail(worker: ModelledWorker, fault: Fault): void {
		if (worker.fault !== 'none' || worker.isStopping) return;
		worker.fault = fault;
		worker.faultAt = this.now;
		if (worker.isCutOff) worker.taker = undefined;
		if (fault === 'killed') for (const { job } of worker.slots) if (job) this.orphans.push(job);
	}

	run(ms: number): void {
		for (const end = this.now + ms; this.now < end;) {
			this.now += TICK_MS;
			for (const worker of this.workers) this.tick(worker);
		}
	}

	private tick(worker: ModelledWorker): void {
		const { now } = this;
		if (worker.hasEnded) return;
		if (!worker.isCutOff && now - worker.lastSeenAt >= HEARTBEAT_MS && now >= worker.blockedUntil)
			worker.lastSeenAt = now;
		if (now < worker.blockedUntil) {
			// Redis answers that there is none, and nobody asks again.
			if (worker.taker && now - worker.taker.sentAt >= ASK_MS) worker.taker.isAsking = false;
			return;
		}
		for (const slot of worker.slots) this.tickSlot(worker, slot);
		if (worker.isStopping) {
			if (worker.slots.every(({ job }) => job === undefined)) worker.isRegistered = false;
			return;
		}
		if (now < worker.asksFrom || worker.isCutOff) return;
		worker.taker ??= {
			id: `${this.ids++}`,
			command: 'client|setname',
			openedAt: now,
			sentAt: now,
			isAsking: false,
		};
		if (worker.fault === 'lost reply') return this.loseReply(worker);
		const free = worker.slots.filter(({ job, waitsUntil }) => !job && !waitsUntil);
		for (const slot of free) this.take(slot);
		const isFree = worker.slots.some(({ job, waitsUntil }) => !job && !waitsUntil);
		if (free.length > 0 && (!worker.taker.isAsking || now - worker.taker.sentAt >= ASK_MS))
			Object.assign(worker.taker, { command: 'brpoplpush', sentAt: now });
		worker.taker.isAsking = isFree;
	}

	/** Whoever asks, and whoever asks after, never hears again. */
	private loseReply(worker: ModelledWorker): void {
		if (worker.taker) worker.taker.isAsking = false;
		for (const slot of worker.slots) if (!slot.job) slot.isHung = true;
	}

	private tickSlot(worker: ModelledWorker, slot: Slot): void {
		const { now } = this;
		if (slot.waitsUntil && now >= slot.waitsUntil) slot.waitsUntil = undefined;
		if (!slot.job) return;
		if (now - slot.job.takenAt >= slot.job.durationMs + this.dbDelayMs) {
			slot.job = undefined;
			// The next job comes with the end of the one before, not by the connection that asks.
			if (!worker.isStopping && !worker.isCutOff && this.waiting.length > 0) this.take(slot);
			return;
		}
		if (!worker.isCutOff && now - slot.job.renewedAt >= RENEW_MS)
			Object.assign(slot.job, { renewedAt: now, lockUntil: now + LOCK_MS });
	}

	private take(slot: Slot): void {
		const durationMs = slot.isHung ? undefined : this.waiting.shift();
		if (durationMs === undefined) return;
		const { now } = this;
		slot.job = {
			id: `${this.ids++}`,
			durationMs,
			takenAt: now,
			startedAt: now + this.dbDelayMs,
			lockUntil: now + LOCK_MS,
			renewedAt: now,
		};
	}

	/**
	 * What all sources say now.
	 * @param silent who is too slow to answer.
	 * @param unmatched of whose answer it is not known from which process it came.
	 */
	look(
		silent: ReadonlySet<string> = new Set(),
		unmatched: ReadonlySet<string> = new Set(),
	): WorkersLook {
		const there = this.workers.filter((worker) => worker.isRegistered);
		const answering = there.filter(
			(worker) =>
				!worker.isCutOff &&
				this.now >= worker.blockedUntil &&
				(worker.answer === undefined || !silent.has(worker.lockOwner)),
		);
		for (const worker of answering)
			worker.answer = this.statusOf(worker, !unmatched.has(worker.lockOwner));
		const owned = there
			.filter(({ answer }, index) => answer && this.tellsApart(index))
			.map((worker) => ({
				worker: worker.answer,
				...(this.names === 'one, here' && { processId: idOf(worker.lockOwner) }),
				clients: this.clientsOf(worker),
				knownBy: 'address' as const,
			}));
		return {
			at: this.now,
			instances: known([...this.entries(), MAIN]),
			statuses: known(answering.map(({ answer }) => answer!)),
			clients: known(there.flatMap((worker) => this.clientsOf(worker))),
			owned: known(owned),
			jobs: known({ isWhole: true, jobs: this.activeJobs() }),
			processes: known(
				this.workers
					.filter((worker) => worker.isRegistered)
					.map((worker): ProcessMetrics | UnreachableProcess =>
						worker.fault === 'killed'
							? { url: this.urlOf(worker), type: 'worker', unreachable: 'connection refused' }
							: { url: this.urlOf(worker), type: 'worker', isReady: true, hasMetrics: false },
					),
			),
		};
	}

	private entries(): InstanceEntry[] {
		return this.workers
			.filter((worker) => worker.isRegistered && this.now - worker.lastSeenAt < ENTRY_MS)
			.map(({ hostId, lockOwner, startedAt, lastSeenAt }) => ({
				instanceKey: lockOwner,
				hostId,
				type: 'worker',
				isLeader: false,
				version: '2.41.1',
				pool: '',
				// Who began first may be listed last.
				registeredAt: startedAt + (idOf(lockOwner) % 3) * 1_000,
				lastSeenAt,
				writtenAt: lastSeenAt,
			}));
	}

	private statusOf(
		{ hostId, lockOwner, startedAt, slots }: ModelledWorker,
		isMatched: boolean,
	): WorkerStatus {
		const processId = this.names === 'one, here' && isMatched ? idOf(lockOwner) : undefined;
		return {
			hostId,
			...(processId !== undefined && { processId }),
			version: '2.41.1',
			pool: '',
			running: slots.flatMap(({ job }) =>
				job && job.startedAt <= this.now
					? [
							{
								executionId: job.id,
								workflowId: 'w',
								workflowName: 'W',
								startedAt: job.startedAt,
							},
						]
					: [],
			),
			uptimeMs: this.now - startedAt,
			startedAt: startedAt + (this.delays++ % 7),
			hostname: 'host',
			addresses: [this.addressOf(lockOwner)],
			residentBytes: 1,
			heapUsedBytes: 1,
			totalMemoryBytes: 2,
			freeMemoryBytes: 1,
			loadAverage: 0,
			cpus: 1,
		};
	}

	private clientsOf({ taker, lockOwner }: ModelledWorker): RedisClient[] {
		if (!taker) return [];
		return [
			{
				id: taker.id,
				server: 'redis:6379',
				name: 'bull:am9icw==',
				address: `${lockOwner}:1`,
				user: 'default',
				flags: taker.isAsking ? 'b' : 'N',
				command: taker.command,
				idleMs: this.now - taker.sentAt,
				// By the second, as Redis tells it.
				ageMs: Math.floor((this.now - taker.openedAt) / 1_000) * 1_000,
				subscriptions: 0,
			},
		];
	}

	/** Workers of one name run on one machine. */
	private addressOf(lockOwner: string): string {
		return `10.0.0.${this.names === 'their own' ? idOf(lockOwner) % 250 : 1}`;
	}

	private urlOf({ lockOwner }: ModelledWorker): string {
		return `http://${this.addressOf(lockOwner)}:${5_678 + idOf(lockOwner)}`;
	}

	private activeJobs(): QueuedJob[] {
		const held = this.workers
			.filter(({ isRegistered, fault }) => isRegistered && fault !== 'killed')
			.flatMap(({ lockOwner, slots }) =>
				slots.flatMap(({ job }) => (job ? [{ job, lockOwner }] : [])),
			);
		const orphans = this.orphans.map((job) => ({ job, lockOwner: 'dead' }));
		return [...held, ...orphans].map(({ job, lockOwner }) => ({
			id: job.id,
			pool: '',
			state: 'active',
			executionId: job.id,
			workflowId: 'w',
			priority: 100,
			addedAt: job.takenAt,
			takenAt: job.takenAt,
			lock: this.lockOf(job, lockOwner),
		}));
	}

	private lockOf({ lockUntil }: Job, owner: string): JobLock | undefined {
		return lockUntil > this.now ? { owner, remainingMs: lockUntil - this.now } : undefined;
	}
}

const idOf = (lockOwner: string): number => Number(lockOwner.slice(6));

const MAIN: InstanceEntry = {
	instanceKey: 'main',
	hostId: 'main-host',
	type: 'main',
	isLeader: true,
	version: '2.41.1',
	pool: '',
	registeredAt: 0,
	lastSeenAt: 0,
};

const known = <T>(value: T): Reading<T> => ({ isKnown: true, value });
