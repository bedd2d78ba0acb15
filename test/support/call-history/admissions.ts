import type { CallRecord, Violation } from './record';

/** Times of admission by the server's clock, in order. */
const admissionTimes = (calls: readonly CallRecord[]): number[] =>
	calls.flatMap(({ admittedAt }) => admittedAt ?? []).sort((first, second) => first - second);

/** Periods, wherever they start, in which more calls than the limit were admitted. */
export function overLimit(
	calls: readonly CallRecord[],
	limit: number,
	periodMs: number,
): Violation[] {
	const times = admissionTimes(calls);
	return times.flatMap((last, index) => {
		const first = times[index - limit];
		if (first === undefined || last - first >= periodMs) return [];
		return [`${limit + 1} calls within ${last - first} ms from ${first}`];
	});
}

/** Admissions that a bucket of `burst` calls which refills at `limit` per period had nothing left for. */
export function overRate(
	calls: readonly CallRecord[],
	{ limit, periodMs, burst }: { limit: number; periodMs: number; burst: number },
): Violation[] {
	const violations: Violation[] = [];
	let level = 0;
	let before = 0;
	for (const at of admissionTimes(calls)) {
		level = Math.max(0, level - ((at - before) * limit) / periodMs) + 1;
		before = at;
		if (level > burst + 1e-6) violations.push(`${level.toFixed(2)} of ${burst} at ${at}`);
	}
	return violations;
}
