import { clockTime } from '../../core/health';

/** What clocks of a timezone are ahead of UTC, in ms. */
export function offsetAt(at: number, timezone: string): number {
	const wholeSecond = 1_000 * Math.floor(at / 1_000);
	const { year, month, day, hour, minute, second } = clockTime(wholeSecond, timezone);
	return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecond;
}
