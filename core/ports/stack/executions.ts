import type { ExecutedWorkflow } from './workflows';

export type ExecutionStatus =
	'new' | 'running' | 'waiting' | 'success' | 'error' | 'crashed' | 'canceled' | 'unknown';

/** A row of n8n's table of executions. Times are ms since the epoch. */
export interface ExecutionRow {
	readonly id: string;
	readonly workflowId: string;
	readonly status: ExecutionStatus;
	/** Such as webhook, trigger, manual, retry, integrated. */
	readonly mode: string;
	readonly createdAt: number;
	/** Undefined where no worker began it. */
	readonly startedAt?: number;
	readonly stoppedAt?: number;
	/** Until when it waits. */
	readonly waitTill?: number;
	/** Which execution it tries again. */
	readonly retryOf?: string;
	/** Which execution tried it again, with success. */
	readonly retrySuccessId?: string;
}

export interface ExecutionPage {
	/** Ascending, so that newer ones never hide older ones. */
	readonly rows: readonly ExecutionRow[];
	/** What to ask for the next page with; undefined on the last. */
	readonly next: string | undefined;
}

/** How executions went within a time. */
export interface ExecutionRates {
	readonly windowMs: number;
	readonly created: number;
	readonly finished: number;
	readonly failed: number;
	readonly crashed: number;
	/** Of those that finished, in ms; undefined where none did. */
	readonly medianDurationMs?: number;
	readonly p95DurationMs?: number;
}

/** What an execution's saved data says of how far it came. */
export interface ExecutionProgress {
	readonly executionId: string;
	/** Undefined where no node ran, or nothing was saved. */
	readonly lastNode?: string;
	readonly isSaved: boolean;
	/** Whether its data holds an error. */
	readonly hasError: boolean;
	/** What the error says, shortened. */
	readonly failedBecause?: string;
	/**
	 * Whether it still holds what it would go on with: n8n throws that away when it marks one as failed whose job has
	 * stalled, and of a step that is under way. Running it again without does nothing, and looks like a success.
	 */
	readonly hasInput: boolean;
	/** Names of the nodes that it would go on with, the next one first: of one that has not begun, the node that made it. */
	readonly goesOnWith: readonly string[];
	/** Whether every node that had something to do has done it. */
	readonly isComplete: boolean;
	/**
	 * Whether a step was under way when this was saved that it would not go on with: n8n saves progress also when what a step
	 * uses has done something, such as a chat model. Going on would leave the step out.
	 */
	readonly isWithinStep?: boolean;
	/** Of a sub-workflow: the execution one of whose steps has begun this one. */
	readonly parent?: ParentLink;
}

/** Which execution has begun another, by a step such as Execute Sub-workflow. */
export interface ParentLink {
	readonly executionId: string;
	/** Whether it waits for the other to end. */
	readonly isAwaiting: boolean;
}

/** What was read of the saved data of executions, by their ids. */
export interface SavedProgress {
	/** None for those that are not there. */
	readonly known: ReadonlyMap<string, ExecutionProgress>;
	/** Why it was not read, as where it is large, and its first 8 MB do not tell. */
	readonly unread: ReadonlyMap<string, string>;
}

/** What some of the executions run that were asked for, by their ids. */
export interface ExecutedWorkflows {
	/** None for those that are not in the database. */
	readonly known: ReadonlyMap<string, ExecutedWorkflow>;
	/** Why it was not read. */
	readonly unread: ReadonlyMap<string, string>;
}

/** Looks at n8n's executions: read only, in short statements, over indexes. */
export interface ExecutionView {
	/** By id. @param after the `next` of the page before. @param limit from 1 to 10,000. */
	withStatus(
		statuses: readonly ExecutionStatus[],
		limit: number,
		after?: string,
	): Promise<ExecutionPage>;
	/**
	 * Rows that ended since then (ms since the epoch), with one of these statuses, by when they ended; before them, by id,
	 * those that crashed and were made since then, of which n8n does not say when they ended.
	 */
	endedSince(
		since: number,
		statuses: readonly ExecutionStatus[],
		limit: number,
		after?: string,
	): Promise<ExecutionPage>;
	find(ids: readonly string[]): Promise<readonly ExecutionRow[]>;
	/**
	 * Which executions try these again, or have tried, however that ended; ascending.
	 * @param after an id, of which only newer ones are wanted: all of these workflows that are newer than that, and than the
	 * oldest of these executions, are read.
	 */
	retriesOf(
		executions: ReadonlyArray<Pick<ExecutionRow, 'id' | 'workflowId'>>,
		after?: string,
	): Promise<readonly ExecutionRow[]>;
	/** Id of the one that was made last; `0` where there is none. */
	newestId(): Promise<string>;
	/** Those that webhooks of a workflow have made since the one with this id, ascending. */
	calledAfter(id: string, workflowId: string, limit: number): Promise<readonly ExecutionRow[]>;
	/** How many there are of each status that is not an end. */
	unfinishedCounts(): Promise<Readonly<Record<'new' | 'running' | 'waiting', number>>>;
	/**
	 * Those that n8n is told not to keep are counted until it deletes them: up to 15 minutes, or not at all.
	 * @param now by the clock that writes the rows, ms since the epoch; ours where it is left out.
	 */
	rates(windowMs: number, now?: number): Promise<ExecutionRates>;
	/** However many they are: no more than 8 MB are read at a time. */
	progressOf(executionIds: readonly string[]): Promise<SavedProgress>;
	/** However many they are: no more than 8 MB are read at a time, unless of one execution, and then told of. */
	executedWorkflows(executionIds: readonly string[]): AsyncIterable<ExecutedWorkflows>;
	/**
	 * When triggers of a workflow's own made executions, ascending, at most `limit`: the time they were made, whether or
	 * not a worker has begun them. Without those that n8n was told not to keep.
	 */
	triggeredAt(workflowId: string, since: number, limit: number): Promise<readonly number[]>;
}

/** The only writes to n8n's database. Each changes a row only while it is as it was seen. */
export interface ExecutionRepair {
	/**
	 * Takes a row that nobody runs back to `new`, as n8n writes it before it adds the job; so it can be enqueued again.
	 * A worker that takes the job sets the row to `running` and keeps a `startedAt` that is there, so that is taken away.
	 * With no job within the queue, n8n's own recovery marks a `new` row as crashed in time. False where it has changed.
	 */
	renew(seen: Pick<ExecutionRow, 'id' | 'status' | 'startedAt'>): Promise<boolean>;
	/** Marks how an execution ended. False where it has changed. */
	mark(
		seen: Pick<ExecutionRow, 'id' | 'status' | 'startedAt'>,
		status: 'crashed' | 'success' | 'canceled',
	): Promise<boolean>;
}
