import type { StackMode } from '../../stack';
import type { ExecutionWatch } from './execution-watch';
import { HOPS, type Hop, type HopName, type UnseenHop } from './synthetic-report';
import type { WebhookCall } from './webhook-call';

const CLOCKS: Readonly<Record<HopName, Hop['clock']>> = {
	called: 'this server',
	'row created': 'main',
	enqueued: 'main',
	taken: 'worker',
	started: 'worker',
	finished: 'worker',
	answered: 'this server',
};

/** What was seen of a call and its execution, and why the rest was not. */
export function hopsOf(
	calledAt: number,
	call: WebhookCall,
	watch: ExecutionWatch,
	mode: StackMode,
): { readonly hops: readonly Hop[]; readonly unseen: readonly UnseenHop[] } {
	const { row, job } = watch;
	const times: Readonly<Record<HopName, number | undefined>> = {
		called: calledAt,
		'row created': row?.createdAt,
		enqueued: job?.addedAt,
		taken: job?.takenAt,
		started: row?.startedAt,
		finished: row?.stoppedAt,
		answered: call.end?.isAnswer ? call.end.at : undefined,
	};
	const hops: Hop[] = [];
	const unseen: UnseenHop[] = [];
	for (const name of HOPS) {
		const at = times[name];
		const clock = mode === 'regular' && CLOCKS[name] === 'worker' ? 'main' : CLOCKS[name];
		if (at !== undefined) hops.push({ name, at, clock });
		else unseen.push({ name, because: whyUnseen(name, call, watch, mode) });
	}
	return { hops, unseen };
}

function whyUnseen(
	name: HopName,
	{ end }: WebhookCall,
	{ row, job, gaps, isAmbiguous, isEnded, isGone }: ExecutionWatch,
	mode: StackMode,
): string {
	const isOfQueue = name === 'enqueued' || name === 'taken';
	if (name === 'answered') return end ? 'there was no answer' : 'there was no answer yet';
	if (isOfQueue && mode === 'regular') return 'there is no queue: n8n runs in regular mode';
	const gap = (isOfQueue && gaps.get('queue')) || gaps.get('database');
	if (gap !== undefined) return gap;
	if (isAmbiguous)
		return 'the workflow was called by others at the same time: which execution is meant is not known';
	if (!row) return 'no execution of it was found in the database';
	if (isOfQueue && isEnded) return 'it had ended before its job could be looked at';
	if (isOfQueue && !job) return 'its job was not among those that go first';
	return isGone ? 'n8n has not kept the execution' : 'it has not happened';
}
