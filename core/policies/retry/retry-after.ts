const SECONDS = /^\s*\d+(\.\d+)?\s*$/;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const DAY = '(?<day>0[1-9]|[12]\\d|3[01])';
const DAY_WITHOUT_ZERO = '(?<day> [1-9]|[12]\\d|3[01])';
const TIME = '(?<hours>[01]\\d|2[0-3]):(?<minutes>[0-5]\\d):(?<seconds>[0-5]\\d|60)';

/** The three forms of an HTTP-date (RFC 9110, section 5.6.7); all of them are in UTC. */
const HTTP_DATES = [
	// IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
	`(?:mon|tue|wed|thu|fri|sat|sun), ${DAY} ${MONTH} (?<year>\\d{4}) ${TIME} GMT`,
	// RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
	`(?:mon|tues|wednes|thurs|fri|satur|sun)day, ${DAY}-${MONTH}-(?<year>\\d\\d) ${TIME} GMT`,
	// asctime: Sun Nov  6 08:49:37 1994
	`(?:mon|tue|wed|thu|fri|sat|sun) ${MONTH} ${DAY_WITHOUT_ZERO} ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^\\s*${form}\\s*$`, 'i'));

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds or an HTTP-date.
 * @returns milliseconds to wait from `now`, never negative; undefined when the value is neither.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
	if (SECONDS.test(value)) return Math.ceil(Number(value) * 1_000);
	for (const form of HTTP_DATES) {
		const parts = form.exec(value)?.groups;
		if (parts) return Math.max(0, momentOf(parts, now) - now);
	}
	return undefined;
}

function momentOf(parts: Record<string, string>, now: number): number {
	const { year, month, day, hours, minutes, seconds } = parts;
	return Date.UTC(
		year!.length === 2 ? fullYear(Number(year), now) : Number(year),
		MONTHS.indexOf(month!.toLowerCase()),
		Number(day),
		Number(hours),
		Number(minutes),
		Number(seconds),
	);
}

/** A year of two digits is at most 50 years ahead; else it is the last one that ended so. */
function fullYear(twoDigits: number, now: number): number {
	const thisYear = new Date(now).getUTCFullYear();
	const year = thisYear - (thisYear % 100) + twoDigits;
	return year > thisYear + 50 ? year - 100 : year;
}
