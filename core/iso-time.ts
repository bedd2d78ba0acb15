/** A time in ms since the epoch as everything that is shown writes it: ISO 8601 in UTC, to the millisecond. */
export const isoTime = (atMs: number): string => new Date(atMs).toISOString();
