import { CronTime } from 'cron';

import type { CronTimes } from '../../core/ports';
import { CronFields } from './cron-fields';
import { offsetAt } from './offset-at';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** No clock is put back or forward by more. */
const MOST_SHIFT_MS = 3 * HOUR_MS;

/**
 * By the library, and in the version, that n8n itself goes by. Since that takes milliseconds for each time, it is asked
 * only for days on which clocks are put forward or back.
 */
export const cronTimes = (): CronTimes => ({
	problemOf: (expression) => CronTime.validateCronExpression(expression).error?.message,
	within(expression, timezone, { from, to }, most) {
		const time = new CronTime(expression, timezone);
		const fields = new CronFields(time);
		const found: number[] = [];
		// Days as clocks show them, as if they were those of UTC.
		let day = DAY_MS * Math.floor((from + offsetAt(from, timezone)) / DAY_MS) - DAY_MS;
		for (; day - offsetAt(day, timezone) - MOST_SHIFT_MS <= to; day += DAY_MS)
			for (const part of partsOf(day, timezone)) {
				const times =
					part.offset === undefined
						? timesByLibrary(time, timezone, part, { from, to, most })
						: fields
								.timesOf(day)
								.filter(isWithin(part))
								.map((shown) => shown - part.offset!);
				for (const at of times) {
					if (at < from || at > to) continue;
					found.push(at);
					if (found.length === most) return found;
				}
			}
		return found;
	},
});

/** A day or an hour, as clocks show it. */
interface Part {
	readonly start: number;
	readonly end: number;
	/** What clocks are ahead of UTC in it and a little around it; undefined where that changes. */
	readonly offset: number | undefined;
}

/** A day, or its hours where clocks change. */
function partsOf(day: number, timezone: string): readonly Part[] {
	const whole = partOf(day, day + DAY_MS, timezone);
	if (whole.offset !== undefined) return [whole];
	return Array.from({ length: 24 }, (_, hour) =>
		partOf(day + hour * HOUR_MS, day + (hour + 1) * HOUR_MS, timezone),
	);
}

function partOf(start: number, end: number, timezone: string): Part {
	const offset = offsetAt(start - offsetAt(start, timezone) - MOST_SHIFT_MS, timezone);
	const isSteady = offset === offsetAt(end - offset + MOST_SHIFT_MS, timezone);
	return { start, end, offset: isSteady ? offset : undefined };
}

const isWithin =
	({ start, end }: Part) =>
	(shown: number): boolean =>
		shown >= start && shown < end;

/** Those of an hour near which clocks change, as far as they are asked for: the library takes milliseconds for each. */
function timesByLibrary(
	time: CronTime,
	timezone: string,
	part: Part,
	{ from, to, most }: { readonly from: number; readonly to: number; readonly most: number },
): readonly number[] {
	const found: number[] = [];
	const shown = (at: number): number => at + offsetAt(at, timezone);
	const earliest = part.start - offsetAt(part.start, timezone) - MOST_SHIFT_MS;
	for (let at = Math.max(earliest, from - 1_000); found.length < most;) {
		const next = nextAfter(time, timezone, at);
		if (next === undefined || next > to || shown(next) >= part.end) return found;
		if (next > at && next >= from && isWithin(part)(shown(next))) found.push(next);
		// In an hour that clocks show twice the library may go back, for ever.
		at = next > at ? next : at + MINUTE_MS;
	}
	return found;
}

function nextAfter(time: CronTime, timezone: string, after: number): number | undefined {
	try {
		return time.getNextDateFrom(new Date(after), timezone).toMillis();
	} catch {
		// It gives up after eight years.
		return undefined;
	}
}
