/** In which of Bull's lists a job is. A job with a priority that waits is `waiting` too. */
export type JobState = 'waiting' | 'active' | 'delayed';

/** How many jobs there are, in the queue of one worker pool. */
export interface PoolCounts {
	/** Name of the worker pool; empty for the default one. */
	readonly pool: string;
	readonly waiting: number;
	readonly active: number;
	readonly delayed: number;
	/** Kept after they failed. */
	readonly failed: number;
	/** Kept after they completed. */
	readonly completed: number;
	readonly isPaused: boolean;
	/** Ever added, so that two looks give the rate of arrival. */
	readonly added: number;
	/** When the job was added that has waited longest, ms since the epoch. */
	readonly oldestWaitingAt?: number;
}

/** Who holds a job, as long as it renews it. */
export interface JobLock {
	/** One a process of n8n, and another after each start. */
	readonly owner: string;
	readonly remainingMs: number;
}

/** A job that is not at its end. */
export interface QueuedJob {
	readonly id: string;
	readonly pool: string;
	readonly state: JobState;
	readonly executionId: string;
	readonly workflowId: string;
	/** Lower goes first. */
	readonly priority: number;
	/** Ms since the epoch, by the clock of the n8n that added it. */
	readonly addedAt: number;
	/** When a worker took it, ms since the epoch by that worker's clock. */
	readonly takenAt?: number;
	/** Of an active job; undefined where nobody holds it. */
	readonly lock?: JobLock;
}

export interface JobsPage {
	/** Those that were added first come first. */
	readonly jobs: readonly QueuedJob[];
	/** False where there are more than were asked for. */
	readonly isWhole: boolean;
}

/** Which executions have an unfinished job. */
export interface JobsByExecution {
	/** By the id of the execution; where it has several jobs, the one that came furthest. */
	readonly jobs: ReadonlyMap<string, QueuedJob>;
	/** False where the queue is longer than was looked at: then an execution that is not there may have a job all the same. */
	readonly isWhole: boolean;
}

/** Looks at n8n's queue. Each method takes a bounded number of commands however long the queue is. */
export interface QueueView {
	/** One entry a pool. */
	counts(): Promise<readonly PoolCounts[]>;
	/** @param limit most jobs of each pool and state, from 1 to 100,000; those that go first. */
	jobs(states: readonly JobState[], limit: number): Promise<JobsPage>;
	/** Looks for jobs of these executions among the next 100,000 of each pool and state. */
	jobsFor(executionIds: readonly string[]): Promise<JobsByExecution>;
	/** Durations by which this queue's workers hold jobs, in ms. */
	readonly lockDurationMs: number;
	readonly lockRenewTimeMs: number;
}

/** Changes n8n's queue. */
export interface QueueControl {
	/**
	 * Adds the job of an execution whose row is there.
	 * @returns the job's id, and whether this call added it: a second call for the same execution and attempt adds
	 * nothing.
	 */
	enqueue(request: {
		readonly executionId: string;
		readonly workflowId: string;
		readonly pool: string;
		/** Counts from 1; a job for the next one is another. */
		readonly attempt: number;
		/** Of the job that was taken away, for whose end n8n may still wait. Default: an id of our own. */
		readonly jobId?: string;
	}): Promise<{ readonly jobId: string; readonly isNew: boolean }>;
	/** Whether a job was added for this attempt within the last 30 days, whatever has become of it. */
	wasEnqueued(
		request: Pick<Parameters<QueueControl['enqueue']>[0], 'executionId' | 'pool' | 'attempt'>,
	): Promise<boolean>;
	/** Takes a job away that nobody holds, in one step. */
	removeUnheld(
		job: Pick<QueuedJob, 'id' | 'pool'> & {
			/** As it was seen, of an owner that is known to be dead: counts as none unless it was renewed since. */
			readonly deadLock?: JobLock;
		},
	): Promise<'removed' | 'held' | 'gone'>;
}
