import { isoTime } from '../../iso-time';
import type { RecoveryRecord } from '../../ports';

/** What was done about a lost execution, as whoever asks is told of it. */
export const tellRecovery = (record: RecoveryRecord) => ({
	executionId: record.executionId,
	workflowId: record.workflowId,
	attempt: record.attempt,
	by: record.by.name,
	at: isoTime(record.claimedAt),
	updatedAt: isoTime(record.updatedAt),
	loss: record.loss,
	evidence: record.evidence.map((one) => ({ ...one })),
	action: record.action,
	reason: record.reason,
	step: record.step,
	jobId: record.jobId,
	retriedAs: record.retriedAs,
	detail: record.detail,
	endedAs: record.endedAs,
	endedAt: record.endedAt === undefined ? undefined : isoTime(record.endedAt),
});
