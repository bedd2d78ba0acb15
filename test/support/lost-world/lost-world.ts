import type { CensusLook } from '../../../core/health';
import type {
	ExecutedWorkflow,
	ExecutionProgress,
	ExecutionRow,
	InstanceEntry,
	QueuedJob,
	SavedProgress,
} from '../../../core/ports/stack';
import type { StackSources } from '../../../core/stack';
import { LostClocks } from './lost-clocks';
import { LostWorkers, type Health, type Listing } from './lost-workers';

/** As n8n has them by default, in ms. */
const LOCK_DURATION_MS = 60_000;
const LOCK_RENEW_MS = 10_000;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Row = Writable<ExecutionRow>;
type Job = Omit<Writable<QueuedJob>, 'lock'> & { lock?: { owner: string; until: number } };

/**
 * A stack of n8n in which everything can be lost, and which knows what really is so. Views of it are what n8n's own parts
 * show; between two questions other things happen, if there are any.
 */
export class LostWorld {
	readonly clocks = new LostClocks();
	/** By which whoever looks goes. */
	readonly clock = this.clocks.own;
	readonly rows = new Map<string, Row>();
	readonly jobs = new Map<string, Job>();
	/** What happens between the questions that are asked next. */
	readonly meanwhile: Array<() => void> = [];
	/** How many jobs were added by others than n8n, for each execution. */
	readonly broughtBack = new Map<string, number>();
	/** Of which the health checks of all workers are known. */
	areHealthChecksKnown = true;
	/** Only of so many, of those that were first. */
	namedChecks = Infinity;
	tags: readonly string[] = [];
	/** Executions whose saved data is too large to be read. */
	readonly unreadable = new Set<string>();
	/** What all executions run. */
	executed: ExecutedWorkflow = { nodes: [], wires: [] };
	/** What the saved data of some says, where that is not what all say. */
	readonly saved = new Map<string, Partial<ExecutionProgress>>();
	/** Whether the registry tells the clocks of n8n's processes. */
	areClocksTold = false;
	isMainListed = false;
	private readonly crew = new LostWorkers(this.clocks);
	private readonly marks = new Set<string>();
	private lastId = 0;
	private mainSince = this.clock.now();

	constructor(workers: number) {
		for (let worker = 0; worker < workers; worker++) this.addWorker();
	}

	get workers(): LostWorkers['all'] {
		return this.crew.all;
	}

	/** By default one of a name and a place of its own, which reaches the registry at once. */
	addWorker(...worker: Parameters<LostWorkers['add']>): void {
		this.crew.add(...worker);
	}

	/** The same, and it takes its time to start. */
	startWorker(...worker: Parameters<LostWorkers['add']>): void {
		this.pass(4_000);
		this.addWorker(...worker);
	}

	/** A worker's process ends, if it has not, and another begins in its place. */
	restart(which: number, listing: Listing = 'listed'): void {
		const { hostId, place } = this.crew.at(which);
		for (const worker of this.workers) if (worker.place === place) this.crew.lose(worker, 'dead');
		this.startWorker(hostId, listing, place);
	}

	/** A worker that has nothing to do stops by itself. */
	stop(which: number): void {
		this.crew.stop(this.crew.at(which));
	}

	/** Redis is another one, which has the jobs, and has lost the registry. */
	failOver(): void {
		this.pass(1_000);
		this.crew.failOver();
	}

	/** What main ran within itself ends with it, and no row says so. */
	restartMain(): void {
		this.mainSince = this.clock.now();
	}

	/** Writes a row, and then its job. */
	begin(): string {
		const id = this.beginRow();
		this.addJob(id, `${this.lastId}`);
		return id;
	}

	/** Adds the job of a row that is there. */
	queueJob(id: string): void {
		this.addJob(id, id);
	}

	/** Writes a row whose job is lost on its way. */
	beginRow(more: Partial<Row> = {}): string {
		const id = `${++this.lastId}`;
		const createdAt = this.clocks.mainNow;
		this.rows.set(id, {
			...{ id, workflowId: 'w', status: 'new', mode: 'webhook', createdAt },
			...more,
		});
		return id;
	}

	/** Writes a row that main runs within itself. */
	beginWithin(): string {
		return this.beginRow({ status: 'running', mode: 'manual', startedAt: this.clocks.mainNow });
	}

	/** Writes a row that waits for so long from now. */
	wait(ms: number): string {
		return this.beginRow({ status: 'waiting', waitTill: this.clocks.mainNow + ms });
	}

	/** Writes a row that was begun and waited, so long ago, and that n8n now goes on with. */
	goOn(begunMsAgo: number, more: Partial<Row> = {}): string {
		const startedAt = this.clocks.mainNow - begunMsAgo;
		const id = this.beginRow({ status: 'running', startedAt, stoppedAt: startedAt, ...more });
		this.addJob(id, id);
		return id;
	}

	/** A worker that is well takes the job that waits longest, and begins. */
	take(worker: number): void {
		this.takeOnly(worker);
		this.beginTaken();
	}

	/** The same, and has not said so to the database yet. */
	takeOnly(worker: number): void {
		const taker = this.crew.at(worker);
		const job = [...this.jobs.values()].find(({ state }) => state === 'waiting');
		if (!job || taker.health !== 'well') return;
		job.state = 'active';
		job.takenAt = this.clocks.workersNow;
		job.lock = { owner: taker.instanceKey, until: this.clock.now() + LOCK_DURATION_MS };
		taker.runs.add(job.executionId);
	}

	/** Also who is cut off from Redis reaches the database. */
	private beginTaken(): void {
		for (const { health, runs } of this.workers)
			for (const id of health === 'well' || health === 'cut off' ? runs : []) {
				const row = this.rows.get(id)!;
				if (row.status === 'new')
					Object.assign(row, {
						status: 'running',
						startedAt: row.startedAt ?? this.clocks.workersNow,
					});
			}
	}

	/** Some execution ends, on whichever worker it is. */
	finish(which: number): void {
		const running = this.workers.flatMap((worker) =>
			worker.health === 'dead' || worker.health === 'stalled'
				? []
				: [...worker.runs].map((id) => ({ worker, id })),
		);
		const one = running[which % Math.max(1, running.length)];
		if (!one) return;
		const { worker, id } = one;
		worker.runs.delete(id);
		Object.assign(this.rows.get(id)!, { status: 'success', stoppedAt: this.clocks.workersNow });
		// Who is cut off cannot say so to the queue.
		if (worker.health === 'well') this.dropJobs(id);
	}

	lose(worker: number, health: Health): void {
		this.crew.lose(this.crew.at(worker), health);
	}

	/** A job vanishes from the queue, or stays in it with nobody to run it. */
	loseJob(which: number): void {
		const waiting = [...this.jobs.values()].filter(({ state }) => state === 'waiting');
		const job = waiting[which % Math.max(1, waiting.length)];
		if (!job) return;
		if (which % 2 === 0) this.jobs.delete(job.id);
		else job.state = 'active';
	}

	/** Lets time go by, with whatever is renewed and runs out in it. */
	pass(ms: number): void {
		for (let left = ms; left > 0; left -= 1_000) {
			this.clock.advance(Math.min(left, 1_000));
			this.beginTaken();
			this.renew();
			this.crew.beat();
		}
	}

	/** Whether somebody runs it, or will. */
	isAlive(id: string): boolean {
		if (this.workers.some(({ runs }) => runs.has(id))) return true;
		return [...this.jobs.values()].some(
			({ executionId, state }) => executionId === id && state !== 'active',
		);
	}

	/** Those that nobody runs any more, and nobody will. */
	get lost(): string[] {
		return [...this.rows.values()].flatMap(({ id, status }) =>
			(status === 'new' || status === 'running') && !this.isAlive(id) ? [id] : [],
		);
	}

	/** As n8n's parts show it. */
	get sources(): StackSources {
		const answer = async <T>(say: () => T): Promise<T> => {
			this.meanwhile.shift()?.();
			return await Promise.resolve(say());
		};
		const rowsOf = (isWanted: (row: Row) => boolean, limit: number, after = '0') => {
			const wanted = [...this.rows.values()].filter(
				(row) => isWanted(row) && Number(row.id) > Number(after),
			);
			const rows = wanted.slice(0, limit).map((row) => ({ ...row }));
			return { rows, next: wanted.length > limit ? rows.at(-1)!.id : undefined };
		};
		const executedWorkflows = async function* (
			ids: readonly string[],
			executed: () => ExecutedWorkflow,
		) {
			if (ids.length === 0) return;
			yield await answer(() => ({
				known: new Map(ids.map((id) => [id, executed()])),
				unread: new Map<string, string>(),
			}));
		};
		const unused = () => Promise.reject(new Error('is not asked for'));
		return {
			queueMode: {
				queue: {
					lockDurationMs: LOCK_DURATION_MS,
					lockRenewTimeMs: LOCK_RENEW_MS,
					counts: unused,
					jobs: unused,
					jobsFor: async (ids) => await answer(() => ({ jobs: this.jobsOf(ids), isWhole: true })),
					wasEnqueued: async ({ executionId, attempt }) =>
						await answer(() => this.marks.has(`${executionId}:${attempt}`)),
					enqueue: async ({ executionId, attempt, jobId = `bulwark-${executionId}-${attempt}` }) =>
						await answer(() => {
							const mark = `${executionId}:${attempt}`;
							const isNew = !this.marks.has(mark);
							if (isNew) {
								this.marks.add(mark);
								this.broughtBack.set(executionId, (this.broughtBack.get(executionId) ?? 0) + 1);
								this.addJob(executionId, jobId);
							}
							return { jobId, isNew };
						}),
					removeUnheld: async ({ id, deadLock }) =>
						await answer(() => {
							const job = this.jobs.get(id);
							if (!job) return 'gone';
							const leftMs = job.lock ? job.lock.until - this.clock.now() : 0;
							const isDead =
								job.lock?.owner === deadLock?.owner && leftMs <= (deadLock?.remainingMs ?? 0);
							if (leftMs > 0 && !isDead) return 'held';
							this.jobs.delete(id);
							return 'removed';
						}),
				},
				redis: {
					info: unused,
					clients: async () => await answer(() => this.crew.clients),
					closeClients: unused,
				},
				registry: {
					instances: async () => await answer(() => this.instances),
				},
				workers: {
					askStatus: async () => await answer(() => this.crew.answers),
				},
				owners: { ownersOf: unused },
			},
			database: {
				executions: {
					withStatus: async (statuses, limit, after) =>
						await answer(() => rowsOf(({ status }) => statuses.includes(status), limit, after)),
					endedSince: async (since, statuses, limit, after) =>
						await answer(() =>
							rowsOf(
								({ status, createdAt, stoppedAt }) =>
									statuses.includes(status) &&
									(status === 'crashed' ? (stoppedAt ?? createdAt) : (stoppedAt ?? 0)) >= since,
								limit,
								after,
							),
						),
					newestId: async () => await answer(() => `${this.lastId}`),
					calledAfter: async (id, workflowId, limit) =>
						await answer(
							() =>
								rowsOf((row) => Number(row.id) > Number(id) && row.workflowId === workflowId, limit)
									.rows,
						),
					retriesOf: async (executions, after) =>
						await answer(
							() =>
								rowsOf(({ retryOf }) => executions.some(({ id }) => id === retryOf), 1e6, after)
									.rows,
						),
					find: async (ids) => await answer(() => rowsOf(({ id }) => ids.includes(id), 1e6).rows),
					executedWorkflows: (ids) => executedWorkflows(ids, () => this.executed),
					progressOf: async (ids) => await answer(() => this.progressOf(ids)),
					renew: async ({ id, status, startedAt }) =>
						await answer(() => {
							const row = this.rows.get(id)!;
							if (row.status !== status || row.startedAt !== startedAt) return false;
							Object.assign(row, { status: 'new', startedAt: undefined });
							return true;
						}),
					mark: async ({ id, status }, as) =>
						await answer(() => {
							const row = this.rows.get(id)!;
							if (row.status !== status) return false;
							Object.assign(row, { status: as });
							return true;
						}),
					unfinishedCounts: unused,
					rates: unused,
					triggeredAt: unused,
				},
				workflows: {
					active: unused,
					outlines: unused,
					find: async (ids) =>
						await answer(() =>
							ids.map((id) => ({
								...{ id, name: id, isActive: true, tags: this.tags, settings: {} },
								...{ nodes: [], updatedAt: 0 },
							})),
						),
				},
				server: {
					statistics: unused,
					clock: async () =>
						await answer(() => ({ aheadMs: this.clocks.databaseAheadMs, withinMs: 0 })),
				},
			},
			processes: {
				processes: async () => await answer(() => this.checks),
			},
		};
	}

	/** What whoever looks at workers is shown of them. */
	look(): CensusLook {
		const { instances, checks: processes } = this;
		const { answers, clients } = this.crew;
		return { at: this.clock.now(), instances, answers, clients, processes };
	}

	private get checks() {
		return this.crew.checks(this.areHealthChecksKnown ? this.namedChecks : 0);
	}

	private get instances(): InstanceEntry[] {
		this.crew.beat();
		const workers = this.crew.registered(this.areClocksTold ? 'with clocks' : 'without clocks');
		return [...(this.isMainListed ? [this.main] : []), ...workers];
	}

	private get main(): InstanceEntry {
		const { ahead, mainNow } = this.clocks;
		return {
			...{ instanceKey: 'main', hostId: 'main', type: 'main', isLeader: true, version: '2.41.1' },
			...{ pool: '', registeredAt: this.mainSince + ahead.mainMs, lastSeenAt: mainNow },
			...(this.areClocksTold && { clock: { aheadMs: ahead.mainMs, withinMs: 0 } }),
		};
	}

	private progressOf(ids: readonly string[]): SavedProgress {
		const [unread, read] = [true, false].map((is) =>
			ids.filter((id) => this.unreadable.has(id) === is),
		) as [string[], string[]];
		const known = read.map((executionId): [string, ExecutionProgress] => [
			executionId,
			{
				...{ executionId, isSaved: true, hasError: false, isComplete: false },
				...{ hasInput: true, goesOnWith: ['Webhook'] },
				...this.saved.get(executionId),
			},
		]);
		return { known: new Map(known), unread: new Map(unread.map((id) => [id, 'too large'])) };
	}

	private addJob(executionId: string, id: string): void {
		this.jobs.set(id, {
			...{ id, pool: '', state: 'waiting', executionId, workflowId: 'w', priority: 100 },
			addedAt: this.clocks.mainNow,
		});
	}

	private jobsOf(ids: readonly string[]): Map<string, QueuedJob> {
		const now = this.clock.now();
		const found = [...this.jobs.values()].filter(({ executionId }) => ids.includes(executionId));
		return new Map(
			found.map(({ lock, ...job }) => [
				job.executionId,
				lock && lock.until > now
					? { ...job, lock: { owner: lock.owner, remainingMs: lock.until - now } }
					: job,
			]),
		);
	}

	private dropJobs(executionId: string): void {
		for (const [id, job] of this.jobs) if (job.executionId === executionId) this.jobs.delete(id);
	}

	private renew(): void {
		const now = this.clock.now();
		for (const { lock } of this.jobs.values()) {
			const owner = this.workers.find(({ instanceKey }) => instanceKey === lock?.owner);
			if (owner?.health === 'well' && lock!.until - now <= LOCK_DURATION_MS - LOCK_RENEW_MS)
				lock!.until = now + LOCK_DURATION_MS;
		}
	}
}
