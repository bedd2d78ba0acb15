import { tellLoss, UnknownExecutionError } from '../ledger';
import { planRepairs } from './plan-repairs';
import { stepOf } from './recover-executions';
import type { RepairCrewParts } from './repair-crew';

/**
 * All that is known of an execution, as whoever asks is told, and what a recovery would do about it.
 * @throws {UnknownExecutionError}
 * @throws {SourceUnavailableError} where the database does not say.
 */
export async function tellExecution(parts: RepairCrewParts, id: string, signal?: AbortSignal) {
	const account = await parts.ledger.explain(id, signal);
	if (!account) throw new UnknownExecutionError(id);
	const { row, job, progress, reportedBy, lost, gaps } = account;
	const [planned] = await planRepairs(parts, lost ? [lost] : [], {
		silentWorkers: 'may live',
		unsafe: 'leave',
	});
	return {
		executionId: row.id,
		workflowId: row.workflowId,
		status: row.status,
		job: job
			? {
					id: job.id,
					state: job.state,
					heldBy: job.lock?.owner,
					lockLeftMs: job.lock && Math.round(job.lock.remainingMs),
				}
			: null,
		reportedBy: reportedBy ?? null,
		lastNode: progress?.lastNode ?? null,
		hasInput: progress?.hasInput ?? null,
		lost: lost ? tellLoss(lost) : null,
		repair: planned ? stepOf(planned) : null,
		gaps: [...gaps],
	};
}
