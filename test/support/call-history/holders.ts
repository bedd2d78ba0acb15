import type { CallRecord, Violation } from './record';

/** Clocks of server and processes run on one machine, but are read at different moments and in whole ms. */
const SLACK_MS = 3;

interface Span {
	readonly from: number;
	readonly to: number;
}

const lastHeld = ({ renewals = [] }: CallRecord) =>
	renewals.filter(({ holding }) => holding === 'held').at(-1);

/** When its lease is not over yet, wherever between question and answer the server was asked. */
const leaseCertainUntil = (call: CallRecord, leaseMs: number): number =>
	(lastHeld(call) ?? call).askedAt + leaseMs - SLACK_MS;

const leasePossibleUntil = (call: CallRecord, leaseMs: number): number =>
	(lastHeld(call) ?? call).answeredAt + leaseMs + SLACK_MS;

/** While it holds its slot for certain: from the answer until the settlement is sent or the lease may be over. */
const certain = (call: CallRecord, leaseMs: number): Span => ({
	from: call.answeredAt,
	to: Math.min(call.settlement?.askedAt ?? Infinity, leaseCertainUntil(call, leaseMs)),
});

/** While it may hold its slot: from the question until the settlement is answered or the lease is over for certain. */
const possible = (call: CallRecord, leaseMs: number): Span => ({
	from: call.askedAt,
	to: Math.min(call.settlement?.answeredAt ?? Infinity, leasePossibleUntil(call, leaseMs)),
});

/** How many spans there are from each moment on at which that changes; a span ends before the next begins. */
function countSpans(spans: readonly Span[]): Array<{ at: number; count: number }> {
	const changes = spans
		.filter(({ from, to }) => to > from)
		.flatMap(({ from, to }) => [
			{ at: from, by: 1 },
			{ at: to, by: -1 },
		])
		.sort((first, second) => first.at - second.at || first.by - second.by);
	let count = 0;
	return changes.map(({ at, by }) => ({ at, count: (count += by) }));
}

const granted = (calls: readonly CallRecord[]) =>
	calls.filter(({ status }) => status === 'granted');

/** Moments at which more calls than the limit held a slot for certain. */
export function tooManyHolders(
	calls: readonly CallRecord[],
	limit: number,
	leaseMs: number,
): Violation[] {
	const spans = granted(calls).map((call) => certain(call, leaseMs));
	return countSpans(spans)
		.filter(({ count }) => count > limit)
		.map(({ at, count }) => `${count} of ${limit} held at ${at}`);
}

/** Rejections although a slot was free for certain, from the question to the answer. */
export function rejectedThoughFree(
	calls: readonly CallRecord[],
	limit: number,
	leaseMs: number,
): Violation[] {
	const counts = countSpans(granted(calls).map((call) => possible(call, leaseMs)));
	const violations: Violation[] = [];
	for (const { status, askedAt, answeredAt } of calls) {
		if (status !== 'rejected') continue;
		let index = lastNotAfter(counts, askedAt);
		let most = counts[index]?.count ?? 0;
		while (++index < counts.length && counts[index]!.at <= answeredAt)
			most = Math.max(most, counts[index]!.count);
		if (most < limit)
			violations.push(
				`rejected between ${askedAt} and ${answeredAt}, when ${most} of ${limit} held`,
			);
	}
	return violations;
}

function lastNotAfter(counts: ReadonlyArray<{ at: number }>, moment: number): number {
	let [low, high] = [0, counts.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (counts[middle]!.at <= moment) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}

/** Settlements that were told `lost` within their lease, or `held` after it. */
export function wrongHoldings(calls: readonly CallRecord[], leaseMs: number): Violation[] {
	const violations: Violation[] = [];
	for (const call of granted(calls)) {
		const { settlement } = call;
		if (!settlement) continue;
		if (settlement.holding === 'lost' && settlement.answeredAt < leaseCertainUntil(call, leaseMs))
			violations.push(`lost at ${settlement.answeredAt}, within its lease`);
		if (settlement.holding === 'held' && settlement.askedAt > leasePossibleUntil(call, leaseMs))
			violations.push(`held at ${settlement.askedAt}, after its lease`);
	}
	return violations;
}
