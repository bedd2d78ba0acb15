import type { CronTimes } from '../../ports';
import type { FireRule } from './fire-rule';
import { isDue, markOf, marksBefore, recurrenceMs } from './recurrence';

/** A time at which a trigger must fire; any moment from `earliest` to `latest` is in time. */
export interface ExpectedFire {
	readonly at: number;
	readonly earliest: number;
	readonly latest: number;
}

/** The span of time for which fires are asked, ms since the epoch. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/** More fires than these are not computed for a rule. */
export const MOST_FIRES = 2_000;

const SAMPLE = 20;

/** A span that holds no more than the last {@link MOST_FIRES} fires of a rule, as well as that can be foreseen. */
export function boundedSpan(
	{ expression }: FireRule,
	timezone: string,
	{ from, to }: Span,
	times: CronTimes,
): Span {
	const sample = times.within(expression, timezone, { from, to }, SAMPLE);
	if (sample.length < SAMPLE) return { from, to };
	const gapMs = (sample.at(-1)! - sample[0]!) / (SAMPLE - 1);
	return { from: Math.max(from, to - MOST_FIRES * gapMs), to };
}

/** All times of a rule's expression within a span. */
const timesWithin = (
	{ expression, earlyMs, lateMs }: FireRule,
	timezone: string,
	span: Span,
	times: CronTimes,
): readonly ExpectedFire[] =>
	times
		.within(expression, timezone, span, 2 * MOST_FIRES)
		.map((at) => ({ at, earliest: at - earlyMs, latest: at + lateMs }));

/**
 * When a rule must have fired within a span.
 * @param known since when it is known when it fired: {@link lookBackMs} before the span, or since it was published.
 * Where n8n skips times by what it remembers of the last fire, only that tells which.
 */
export function expectedFires(
	rule: FireRule,
	timezone: string,
	span: Span,
	known: { readonly since: number; readonly fires: readonly number[] },
	times: CronTimes,
): readonly ExpectedFire[] {
	const { recurrence } = rule;
	if (!recurrence) return timesWithin(rule, timezone, span, times);
	const from = Math.min(known.since, span.from);
	const candidates = timesWithin(rule, timezone, { from, to: span.to }, times);
	const fired = firedOf(candidates, known.fires);
	const due = fired.size > 0 ? afterFires() : withoutFires();
	return due.filter(({ at }) => at >= span.from);

	function afterFires(): readonly ExpectedFire[] {
		// Of the last fire that is known, and of the last one that it must have made: what came between may have been
		// made without a trace, or not at all.
		let known: number | undefined;
		let presumed: number | undefined;
		return candidates.filter((candidate) => {
			const mark = markOf(recurrence!, candidate.at, timezone);
			if (fired.has(candidate)) {
				known = presumed = mark;
				return true;
			}
			if (presumed === undefined || !isDue(recurrence!, presumed, mark)) return false;
			presumed = mark;
			return isDue(recurrence!, known!, mark);
		});
	}

	/** Whatever it remembers of a fire before the first of them, it must have fired again by then. */
	function withoutFires(): readonly ExpectedFire[] {
		const marks = candidates.map(({ at }) => markOf(recurrence!, at, timezone));
		if (marks.length === 0) return [];
		const firsts = marksBefore(recurrence!, marks[0]!).map((last) =>
			marks.findIndex((mark) => isDue(recurrence!, last, mark)),
		);
		return firsts.includes(-1) ? [] : [candidates[Math.max(...firsts)]!];
	}
}

/** How far before a span fires must be known. */
export const lookBackMs = ({ recurrence }: FireRule): number =>
	recurrence ? recurrenceMs(recurrence) : 0;

/** Which times a fire belongs to: the last one that it can come from. */
function firedOf(
	candidates: readonly ExpectedFire[],
	actual: readonly number[],
): ReadonlySet<ExpectedFire> {
	const fired = new Set<ExpectedFire>();
	let index = -1;
	for (const at of actual) {
		while (index + 1 < candidates.length && candidates[index + 1]!.earliest <= at) index++;
		if (index >= 0) fired.add(candidates[index]!);
	}
	return fired;
}
