import { isoTime } from '../../iso-time';
import type { Hop, SyntheticReport } from './synthetic-report';

/** A check as whoever asks is told of it. */
export const tellCheck = ({
	verdict,
	workflow,
	executionId,
	worker,
	durationMs,
	hops,
	unseen,
	problem,
}: SyntheticReport) => ({
	verdict,
	workflowId: workflow?.id ?? null,
	workflowName: workflow?.name ?? null,
	executionId: executionId ?? null,
	worker: worker ?? null,
	durationMs,
	hops: hops.map((hop, index) => tellHop(hop, hops[0]!, hops[index - 1] ?? hops[0]!)),
	unseen: unseen.map((one) => ({ ...one })),
	problem: problem ?? null,
});

const tellHop = ({ name, at, clock }: Hop, first: Hop, before: Hop) => ({
	...{ name, clock },
	at: isoTime(at),
	afterMs: at - first.at,
	tookMs: at - before.at,
});
