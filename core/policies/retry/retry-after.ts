const SECONDS = /^\s*\d+(\.\d+)?\s*$/;
const IMF_FIXDATE_OR_OBSOLETE = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i;

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds or an HTTP-date.
 * @returns milliseconds to wait from `now`, never negative; undefined when the value is neither.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
	if (SECONDS.test(value)) return Math.ceil(Number(value) * 1_000);
	if (!IMF_FIXDATE_OR_OBSOLETE.test(value)) return undefined;
	const date = Date.parse(value);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
