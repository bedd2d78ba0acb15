import type { ExecutionRow, QueuedJob, WorkerStatus } from '../../ports/stack';
import { readFrom, type Reading, type StackSources } from '../../stack';

/** Of the jobs that go first so many are looked through. */
const MOST_JOBS = 1_000;
const WORKERS_ANSWER_WITHIN_MS = 500;
/** Two of the same workflow are one too many to tell which is which. */
const MOST_ROWS = 2;

const ENDS: ReadonlySet<ExecutionRow['status']> = new Set([
	'success',
	'error',
	'crashed',
	'canceled',
]);

/** Follows the execution of a workflow that was called just now, by all sources that there are. */
export class ExecutionWatch {
	/** As it was seen last. */
	row: ExecutionRow | undefined;
	/** As it was seen last: n8n takes it away when it has ended. */
	job: QueuedJob | undefined;
	/** Who says that it runs it. */
	worker: WorkerStatus | undefined;
	/** The row was there and is not any more: n8n was told not to keep it. */
	isGone = false;
	/** Others were called at the same time, so that it is not known which row is meant. */
	isAmbiguous = false;
	/** Why a source told nothing, as it was last. */
	readonly gaps = new Map<'database' | 'queue' | 'workers', string>();
	private asking: Promise<void> | undefined;
	private before: Reading<string> | undefined;

	constructor(
		private readonly sources: StackSources,
		private readonly workflowId: string | undefined,
		private readonly signal: AbortSignal | undefined,
	) {}

	/** Notes what is there before the workflow is called. */
	async begin(): Promise<void> {
		this.before = this.known(
			'database',
			await readFrom('database', this.sources.database, (all) => all.executions.newestId()),
		);
	}

	get isEnded(): boolean {
		return this.isGone || (this.row !== undefined && ENDS.has(this.row.status));
	}

	/** @param executionId where the workflow has told it. */
	async look(executionId: string | undefined): Promise<void> {
		await Promise.all([this.lookAtRow(executionId), this.lookAtJob()]);
		if (this.row && this.sources.queueMode && !this.worker && !this.isEnded)
			this.asking ??= this.askWorkers(this.row.id).finally(() => (this.asking = undefined));
	}

	/** Until who was asked has answered. */
	async finish(): Promise<void> {
		await this.asking;
	}

	private async lookAtRow(told: string | undefined): Promise<void> {
		const { before, workflowId } = this;
		const rows = this.known(
			'database',
			await readFrom('database', this.sources.database, async ({ executions }) => {
				if (told !== undefined) return await executions.find([told]);
				if (!before?.isKnown || workflowId === undefined) return [];
				return await executions.calledAfter(before.value, workflowId, MOST_ROWS);
			}),
		);
		if (!rows.isKnown) return;
		this.isAmbiguous = rows.value.length > 1;
		this.isGone = this.row !== undefined && rows.value.length === 0;
		if (this.isGone) return;
		const row = this.isAmbiguous ? undefined : rows.value[0];
		if (row?.id !== this.row?.id) this.job = this.worker = undefined;
		this.row = row;
	}

	private async lookAtJob(): Promise<void> {
		const { row } = this;
		if (!row || this.isEnded || !this.sources.queueMode) return;
		const jobs = this.known(
			'queue',
			await readFrom('queue', this.sources.queueMode, ({ queue }) =>
				queue.jobs(['active', 'waiting'], MOST_JOBS),
			),
		);
		if (!jobs.isKnown) return;
		this.job = jobs.value.jobs.find(({ executionId }) => executionId === row.id) ?? this.job;
	}

	private async askWorkers(executionId: string): Promise<void> {
		const { queueMode } = this.sources;
		const answers = this.known(
			'workers',
			await readFrom('workers', queueMode, ({ workers }) =>
				workers.askStatus(WORKERS_ANSWER_WITHIN_MS, this.signal),
			),
		);
		if (!answers.isKnown || this.row?.id !== executionId) return;
		this.worker ??= answers.value.find(({ running }) =>
			running.some((one) => one.executionId === executionId),
		);
	}

	private known<T>(source: 'database' | 'queue' | 'workers', reading: Reading<T>): Reading<T> {
		if (reading.isKnown) this.gaps.delete(source);
		else this.gaps.set(source, `${source}: ${reading.why}`);
		return reading;
	}
}
