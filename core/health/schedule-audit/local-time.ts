import { clockTime } from './clock-time';

/** A moment as clocks of a timezone show it. */
export interface LocalTime {
	readonly year: number;
	/** From 1. */
	readonly month: number;
	readonly hour: number;
	/** From 1. */
	readonly dayOfYear: number;
	/** As in the United States: from Sunday, the first with 1 January in it. */
	readonly week: number;
}

const DAY_MS = 86_400_000;

/** @throws {RangeError} where the timezone is none. */
export function localTime(at: number, timezone: string): LocalTime {
	const { year, month, day, hour } = clockTime(at, timezone);
	const firstDay = Date.UTC(year, 0, 1);
	const dayOfYear = Math.round((Date.UTC(year, month - 1, day) - firstDay) / DAY_MS) + 1;
	return { year, month, hour, dayOfYear, week: weekOf(year, dayOfYear) };
}

function weekOf(year: number, dayOfYear: number): number {
	const nextYear = Date.UTC(year + 1, 0, 1);
	const daysLeft = Math.round((nextYear - Date.UTC(year, 0, dayOfYear)) / DAY_MS);
	if (daysLeft <= new Date(nextYear).getUTCDay()) return 1;
	const firstWeekday = new Date(Date.UTC(year, 0, 1)).getUTCDay();
	return Math.floor((dayOfYear - 1 + firstWeekday) / 7) + 1;
}
