import { isoTime } from '../../iso-time';
import type { ConfirmedLoss } from './lost-execution';

/** A lost execution as whoever asks is told of it. */
export const tellLoss = ({
	row,
	loss,
	isSurelyDead,
	job,
	firstSeenAt,
	evidence,
}: ConfirmedLoss) => ({
	executionId: row.id,
	workflowId: row.workflowId,
	loss,
	isSurelyDead,
	status: row.status,
	mode: row.mode,
	createdAt: isoTime(row.createdAt),
	startedAt: shownIf(row.startedAt),
	waitTill: shownIf(row.waitTill),
	jobId: job?.id,
	firstSeenAt: isoTime(firstSeenAt),
	evidence: evidence.map((one) => ({ ...one })),
});

const shownIf = (at: number | undefined): string | undefined =>
	at === undefined ? undefined : isoTime(at);
