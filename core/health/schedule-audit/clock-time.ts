/** What a clock shows. */
export interface ClockTime {
	readonly year: number;
	/** From 1. */
	readonly month: number;
	readonly day: number;
	readonly hour: number;
	readonly minute: number;
	readonly second: number;
}

const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks of a timezone show. @throws {RangeError} where the timezone is none. */
export function clockTime(at: number, timezone: string): ClockTime {
	const parts = new Map(
		formatOf(timezone)
			.formatToParts(at)
			.map(({ type, value }) => [type, Number(value)]),
	);
	return Object.fromEntries(
		FIELDS.map((field) => [field, parts.get(field)]),
	) as unknown as ClockTime;
}

function formatOf(timezone: string): Intl.DateTimeFormat {
	const known = formats.get(timezone);
	if (known) return known;
	const format = new Intl.DateTimeFormat('en-US', {
		timeZone: timezone,
		hourCycle: 'h23',
		...Object.fromEntries(FIELDS.map((field) => [field, 'numeric'])),
	});
	formats.set(timezone, format);
	return format;
}
