const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks of a timezone are ahead of UTC, in ms. */
export function offsetAt(at: number, timezone: string): number {
	const second = 1_000 * Math.floor(at / 1_000);
	const parts = formatOf(timezone).formatToParts(second);
	const part = (wanted: string): number => Number(parts.find(({ type }) => type === wanted)!.value);
	const shown = Date.UTC(
		part('year'),
		part('month') - 1,
		part('day'),
		part('hour'),
		part('minute'),
		part('second'),
	);
	return shown - second;
}

function formatOf(timezone: string): Intl.DateTimeFormat {
	const known = formats.get(timezone);
	if (known) return known;
	const format = new Intl.DateTimeFormat('en-US', {
		timeZone: timezone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
	});
	formats.set(timezone, format);
	return format;
}
