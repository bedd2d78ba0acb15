/** With years of four digits, as readers of such times expect. */
const EARLIEST_MS = Date.UTC(-1, 12);
const LATEST_MS = Date.UTC(9999, 12) - 1;

/** Whether a number can be a time, in ms since the epoch, that a clock has shown or will show. */
export const isTime = (atMs: number): boolean => atMs >= 0 && atMs <= LATEST_MS;

/**
 * A time in ms since the epoch as everything that is shown writes it: ISO 8601 in UTC, to the millisecond. What lies
 * beyond the years 0 to 9999, as sums of times from outside can, is shown as the first or last time of these.
 */
export const isoTime = (atMs: number): string =>
	new Date(Math.min(Math.max(atMs, EARLIEST_MS), LATEST_MS)).toISOString();
