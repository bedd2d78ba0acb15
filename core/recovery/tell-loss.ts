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
	createdAt: shown(row.createdAt),
	startedAt: shownIf(row.startedAt),
	waitTill: shownIf(row.waitTill),
	jobId: job?.id,
	firstSeenAt: shown(firstSeenAt),
	evidence: evidence.map((one) => ({ ...one })),
});

const shown = (at: number): string => new Date(at).toISOString();
const shownIf = (at: number | undefined): string | undefined =>
	at === undefined ? undefined : shown(at);
