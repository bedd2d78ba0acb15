import type { ExecutionRow, QueuedJob } from '../../ports/stack';
import type { SourceName } from '../../stack';

/**
 * What can become of an execution that n8n does not see:
 * - `never reached a worker`: it waits for one, and has no job that any worker could take.
 * - `died with its worker`: it counts as running, and nobody runs it.
 * - `never started`: its job was lost on the way to a worker, and n8n marked it as failed.
 * - `run by a zombie`: a worker that has lost its way to Redis may still run it, and it may yet succeed.
 * - `hangs`: somebody runs it, for far longer than it should take.
 * - `waits past its time`: the time until which it waits is over.
 * - `marked crashed though it succeeded`: all of its nodes have done their work.
 */
export const LOSSES = [
	'never reached a worker',
	'died with its worker',
	'never started',
	'run by a zombie',
	'hangs',
	'waits past its time',
	'marked crashed though it succeeded',
] as const;

export type Loss = (typeof LOSSES)[number];

/** What one source says. */
export interface Evidence {
	readonly source: SourceName | 'saved data';
	readonly says: string;
}

/** The execution one of whose steps has begun another. */
export interface ParentExecution {
	readonly id: string;
	/** Whether it waits for the other to end. */
	readonly isAwaiting: boolean;
	/** Undefined where it is not there any more. */
	readonly row?: ExecutionRow;
}

/** An execution that is lost, or soon will be, by what two sources or more say. */
export interface LostExecution {
	readonly loss: Loss;
	readonly row: ExecutionRow;
	/** The job by which it was to run, where there is one. */
	readonly job?: QueuedJob;
	readonly evidence: readonly Evidence[];
	/** False where somebody may still be running it. */
	readonly isSurelyDead: boolean;
	/** Whether another process of n8n than a worker may still be running it. */
	readonly mayRunWithoutWorker?: boolean;
	/** Whether whoever made it may still be about to add its job. */
	readonly mayYetBeQueued?: boolean;
	/** Of a sub-workflow: who has begun it. */
	readonly parent?: ParentExecution;
	/** The latest execution that tries it again, or has tried. */
	readonly retriedBy?: Pick<ExecutionRow, 'id' | 'status'>;
}

/** One that was seen to be lost twice, some time apart. */
export interface ConfirmedLoss extends LostExecution {
	/** Ms since the epoch. */
	readonly firstSeenAt: number;
}

/** What must be the same at two looks, so that an execution on its way from one place to the next is not taken for lost. */
export const fingerprintOf = ({
	loss,
	row,
	job,
	isSurelyDead,
	parent,
	retriedBy,
}: LostExecution): string =>
	JSON.stringify([
		loss,
		row.id,
		row.status,
		row.startedAt ?? null,
		row.stoppedAt ?? null,
		job?.id ?? null,
		job?.state ?? null,
		isSurelyDead,
		retriedBy?.id ?? null,
		parent?.row?.status ?? null,
	]);
