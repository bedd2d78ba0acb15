import { localTime } from './local-time';

/** Every so many: n8n skips fires by what it remembers of the last one, also where cron alone could say when. */
export interface Recurrence {
	readonly unit: 'minutes' | 'hours' | 'days' | 'weeks' | 'months';
	readonly size: number;
}

const MINUTE_MS = 60_000;
const UNIT_MS: Readonly<Record<Recurrence['unit'], number>> = {
	minutes: MINUTE_MS,
	hours: 60 * MINUTE_MS,
	days: 24 * 60 * MINUTE_MS,
	weeks: 7 * 24 * 60 * MINUTE_MS,
	months: 31 * 24 * 60 * MINUTE_MS,
};

/** The longest time between two fires, in ms; a little more for daylight saving. */
export const recurrenceMs = ({ unit, size }: Recurrence): number =>
	UNIT_MS[unit] * size + 60 * MINUTE_MS;

/** What n8n remembers of a fire. */
export function markOf({ unit }: Recurrence, at: number, timezone: string): number {
	if (unit === 'minutes') return Math.floor(at / MINUTE_MS);
	const { year, month, hour, dayOfYear, week } = localTime(at, timezone);
	switch (unit) {
		case 'hours':
			return hour;
		case 'days':
			return dayOfYear;
		case 'weeks':
			return week;
		case 'months':
			return year * 12 + month - 1;
	}
}

/** What n8n may remember of the last fire before one with this mark. Of one long ago, nothing that lets fewer through. */
export function marksBefore({ unit }: Recurrence, mark: number): readonly number[] {
	switch (unit) {
		case 'minutes':
		case 'months':
			return [mark];
		case 'hours':
			return upTo(23);
		case 'days':
			return upTo(366);
		case 'weeks':
			return upTo(53);
	}
}

const upTo = (most: number): readonly number[] =>
	Array.from({ length: most + 1 }, (_, mark) => mark);

/** Whether n8n lets a fire through, by what it remembers of the last one. */
export function isDue({ unit, size }: Recurrence, last: number, mark: number): boolean {
	switch (unit) {
		case 'minutes':
		case 'months':
			return mark - last >= size;
		case 'hours':
			return (mark - last + 24) % 24 >= size;
		case 'days':
			return (mark - last + 365) % 365 >= size;
		case 'weeks':
			return mark === last || (mark - last + 52) % 52 >= size;
	}
}
