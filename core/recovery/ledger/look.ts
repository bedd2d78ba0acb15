import type { N8nClocks } from '../../clocks';
import type { ExecutionProgress, ExecutionRow, QueuedJob } from '../../ports/stack';
import type { Gap } from './gap';
import type { ParentExecution } from './lost-execution';
import type { UnseenWorkers } from './unseen-workers';

/** What was seen around all executions at one look. */
export type Look = QueueModeLook | RegularModeLook;

export interface QueueModeLook {
	readonly mode: 'queue';
	/** Ms since the epoch, by our clock. */
	readonly at: number;
	/** By which times of executions are judged. */
	readonly clocks: N8nClocks;
	/** False where an execution may have a job though none was seen. */
	readonly isQueueWhole: boolean;
	readonly lockDurationMs: number;
	readonly lockRenewTimeMs: number;
	/** Which worker says that it runs an execution, by the execution's id. */
	readonly reportedBy: ReadonlyMap<string, string>;
	readonly unseen: UnseenWorkers;
	/** When the oldest process of n8n that still lives began, by our clock, or before; undefined where that is not known. */
	readonly oldestProcessStartedAt?: number;
}

export interface RegularModeLook {
	readonly mode: 'regular';
	/** Whether n8n is known to run so: else workers may run what no job is seen of. */
	readonly isSure: boolean;
	/** Whether the process before this one may still be ending. */
	readonly mayOverlap: boolean;
	readonly at: number;
	readonly clocks: N8nClocks;
	/** Whether as many executions run as may run at once, so that what waits goes on later. */
	readonly isFull: boolean;
	/** When n8n's process began; undefined where its metrics do not say. */
	readonly processStartedAt?: number;
}

/** What is to be seen around executions. */
export interface Around {
	/** Undefined where nothing can be judged. */
	readonly look?: Look;
	/** Jobs by the ids of their executions. */
	readonly jobs: ReadonlyMap<string, QueuedJob>;
	readonly gaps: readonly Gap[];
}

/** What was seen of one execution. The row was read before the job, and once more after it. */
export interface Sight {
	readonly row: ExecutionRow;
	readonly job: QueuedJob | undefined;
	/** Whether it was seen to have a job at this look, or before, or can be new only by being brought back by one. */
	readonly wasQueued: boolean;
	/** Of one that has ended. */
	readonly progress?: ExecutionProgress;
	/** Its workflow's own limit, in ms; 0 where it has none. */
	readonly timeoutMs?: number;
	/** Of a sub-workflow, where it is known. */
	readonly parent?: ParentExecution;
	/** How long 95 % of its workflow's executions take, in ms, where enough are known. */
	readonly usualMs?: number;
}
