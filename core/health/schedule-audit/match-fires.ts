import type { ExpectedFire } from './expected-fires';

/** The clocks of n8n and of its database may be so far apart. */
const CLOCK_SLACK_MS = 2_000;

/** What comes later than that does not belong to a time any more. */
const MOST_LATE_MS = 600_000;

/** What became of the times at which a workflow must have fired. */
export interface MatchedFires {
	/** Of those that are in time or late. */
	readonly fired: number;
	readonly late: ReadonlyArray<{ readonly at: number; readonly lateMs: number }>;
	readonly missed: readonly number[];
	/** Those that fired more than once. */
	readonly doubled: ReadonlyArray<{ readonly at: number; readonly times: number }>;
}

/** How a comparison is made. */
export interface Comparison {
	/** A fire that comes more than that after its time is late. */
	readonly lateAfterMs: number;
	/** What must have fired after that may still come, and is not judged. */
	readonly until: number;
}

/**
 * Compares when a workflow must have fired with when it did. A fire belongs to the last time it can come from; the one
 * before takes it where it would be missed otherwise, since then it is late.
 * @param expected ascending. @param actual ascending.
 */
export function matchFires(
	expected: readonly ExpectedFire[],
	actual: readonly number[],
	{ lateAfterMs, until }: Comparison,
): MatchedFires {
	const fires = assigned(expected, actual, Math.max(MOST_LATE_MS, lateAfterMs));
	const late: Array<{ at: number; lateMs: number }> = [];
	const missed: number[] = [];
	const doubled: Array<{ at: number; times: number }> = [];
	let fired = 0;
	for (const [index, { at, latest }] of expected.entries()) {
		if (at > until) break;
		const [first, ...more] = fires[index]!;
		if (first === undefined) {
			missed.push(at);
			continue;
		}
		fired++;
		if (first - latest > lateAfterMs) late.push({ at, lateMs: first - latest });
		// What comes with the first may be a late one of before.
		if (more.length > 0 && index > 0) doubled.push({ at, times: more.length + 1 });
	}
	return { fired, late, missed, doubled };
}

/** By clocks that differ, and yet nearer to this time than to the one before. */
function earliestOf(expected: readonly ExpectedFire[], index: number): number {
	const { earliest } = expected[index]!;
	const gapMs = index === 0 ? Infinity : earliest - expected[index - 1]!.latest;
	return earliest - Math.max(0, Math.min(CLOCK_SLACK_MS, gapMs / 2));
}

function assigned(
	expected: readonly ExpectedFire[],
	actual: readonly number[],
	mostLateMs: number,
): number[][] {
	const fires: number[][] = expected.map(() => []);
	let index = -1;
	for (const at of actual) {
		while (index + 1 < expected.length && earliestOf(expected, index + 1) <= at) index++;
		if (index < 0 || at - expected[index]!.latest > mostLateMs) continue;
		// Several triggers may be due within the same minute.
		let own = index;
		while (own > 0 && fires[own]!.length > 0 && expected[own - 1]!.latest >= at) own--;
		fires[fires[own]!.length > 0 ? index : own]!.push(at);
	}
	for (let later = fires.length - 1; later > 0; later--) {
		const [before, own] = [fires[later - 1]!, fires[later]!];
		if (before.length > 0 || own.length < 2) continue;
		const isInReach = own.at(-2)! - expected[later - 1]!.latest <= mostLateMs;
		// What was held up comes together, and hardly just when the next one is due.
		const isHeldUp = own[0]! - expected[later]!.at > CLOCK_SLACK_MS;
		if (isInReach && isHeldUp) before.push(...own.splice(0, own.length - 1));
	}
	return fires;
}
