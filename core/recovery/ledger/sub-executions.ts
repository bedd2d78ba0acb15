import { widthOf } from '../../clocks';
import { isoTime } from '../../iso-time';
import type { ExecutionRow } from '../../ports/stack';
import { SUB_EXECUTION, WITHOUT_JOB } from '../execution-modes';
import type { Look, QueueModeLook, Sight } from './look';
import type { Evidence, LostExecution, ParentExecution } from './lost-execution';
import { hasPaused, isRunning } from './running-row';

/**
 * Whether it has, or had, a job of its own: of several that it waits for, a parent goes on when the first has ended, and
 * leaves the others to themselves.
 */
const runsByItself = ({
	row,
	job,
	wasQueued = false,
}: Pick<Sight, 'row' | 'job'> & Partial<Sight>): boolean =>
	(row.status === 'running' && hasPaused(row)) ||
	((row.status === 'running' || row.status === 'new') && (wasQueued || job !== undefined));

/** Whether whoever waited for it has come to its end without it, as one does that was brought back. */
export const isSettled = (sight: Sight): boolean => {
	const { isAwaiting, row } = sight.parent ?? {};
	if (isAwaiting !== true) return false;
	return row?.retrySuccessId !== undefined || (row?.status === 'success' && !runsByItself(sight));
};

/**
 * A sub-workflow runs within the process that runs its parent, and has no job; so it ends with that at the latest: when its
 * parent has failed, or was begun once more. Where somebody stops its parent, it goes on.
 */
export function judgeSubExecution(
	{ row, job, parent }: Sight,
	{ unseen, clocks, reportedBy }: QueueModeLook,
	running: Evidence,
): LostExecution | undefined {
	if (!parent?.isAwaiting) return undefined;
	const over = endOf(parent, row.createdAt + widthOf(clocks.any), reportedBy.has(parent.id));
	if (over === undefined) return undefined;
	const mayLive = unseen.verdict === 'cut off' || unseen.verdict === 'silent';
	return {
		loss: mayLive ? 'run by a zombie' : 'died with its worker',
		...{ row, job, parent },
		evidence: [running, { source: 'saved data', says: over }, ...unseen.evidence],
		isSurelyDead: unseen.verdict === 'none',
	};
}

function endOf(
	{ id, row }: ParentExecution,
	begunAt: number,
	isReported: boolean,
): string | undefined {
	const part = `it is part of execution ${id}`;
	switch (row?.status) {
		case 'error':
		case 'crashed':
			// n8n gives up one whose worker is only busy, too, and marks as crashed one that runs and has no job.
			return isReported || (row.status === 'crashed' && WITHOUT_JOB.has(row.mode))
				? undefined
				: `${part}, which is ${row.status}`;
		case 'new':
			return `${part}, which is to be run again`;
		case 'running':
			return row.startedAt !== undefined && begunAt < row.startedAt
				? `${part}, which was begun again at ${isoTime(row.startedAt)}`
				: undefined;
		default:
			return undefined;
	}
}

/** What runs within the process of others, all of which are lost with it. @returns these and the others. */
export function withTheirParts(
	lost: readonly LostExecution[],
	sights: readonly Sight[],
	look: Look,
): readonly LostExecution[] {
	if (look.mode !== 'queue') return lost;
	const all = new Map(lost.map((one) => [one.row.id, one]));
	const within = sights.filter(
		({ row, job, parent }) =>
			parent !== undefined &&
			row.status === 'running' &&
			!job &&
			!look.reportedBy.has(row.id) &&
			!hasPaused(row),
	);
	let before: number;
	// What runs within one of these, in turn.
	do {
		before = all.size;
		for (const { row, parent } of within) {
			const whole = all.get(parent!.id);
			if (all.has(row.id) || whole?.row.status !== 'running') continue;
			if (whole.loss !== 'died with its worker' && whole.loss !== 'run by a zombie') continue;
			if (isOfEarlierWorker(row, whole.row, look)) continue;
			const says = `it runs within execution ${whole.row.id}, which ${whole.loss === 'run by a zombie' ? 'is ' : ''}${whole.loss}`;
			all.set(row.id, {
				...{ loss: whole.loss, row, parent, isSurelyDead: whole.isSurelyDead },
				evidence: [isRunning(row), { source: 'saved data', says }],
			});
		}
	} while (all.size > before);
	return [...all.values()];
}

/** What was begun before its parent paused runs where that ran then, unless that waits for it. */
const isOfEarlierWorker = (row: ExecutionRow, whole: ExecutionRow, { clocks }: Look): boolean =>
	hasPaused(whole) && row.createdAt - widthOf(clocks.any) < whole.stoppedAt!;

/**
 * Why a sub-workflow is left to the execution that has begun it; undefined where it is to be judged by itself: where that one
 * waits for it with no process of its own, and goes on when it has ended, or where that has ended without waiting for it,
 * or waiting for it any more.
 */
export function leftToParent({ row, job, parent }: LostExecution): string | undefined {
	if (row.mode !== SUB_EXECUTION) return undefined;
	if (!parent) return 'another execution has begun it, and its saved data does not say which';
	const { id, isAwaiting } = parent;
	const { startedAt = -Infinity } = parent.row ?? {};
	const status = parent.row?.status;
	if (status === undefined)
		return `it is part of execution ${id}, which is not there any more; call its trigger again`;
	if (isAwaiting && status === 'waiting')
		return row.status === 'running' || row.status === 'new' || row.status === 'waiting'
			? undefined
			: `execution ${id} waits for it, and goes on with its failure`;
	if (status === 'success' || status === 'waiting')
		return row.createdAt < startedAt
			? `execution ${id} has begun it, and was itself begun again since: it may have begun it anew`
			: undefined;
	const isByItself = !isAwaiting || runsByItself({ row, job });
	if (isByItself && (status === 'running' || status === 'new'))
		return `execution ${id} has begun it, which is ${status}: it is left until that has ended`;
	return status === 'error' || status === 'canceled'
		? `it is part of execution ${id}, which is ${status}; retry that in n8n`
		: `it is part of execution ${id}, which runs it anew when that is brought back`;
}
