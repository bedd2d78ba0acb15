import { heaviestCall, type RateLimiterOptions } from './options';
import { segmentMs } from './sliding-window';

/** A worker that holds more of a limit leaves too little to the others. */
const LARGEST_SHARE = 1 / 10;

/** Most permits that a worker takes at once ahead of use, in calls. */
export const mostLeased = (options: RateLimiterOptions): number =>
	Math.min(options.leaseBatchSize, Math.floor(heaviestCall(options, 0) * LARGEST_SHARE));

/**
 * Until when permits that were taken together may be used, in ms since the epoch by the store's clock. Windows count all
 * calls of a segment alike, whenever in it they were made: within it no window sees more calls than the limit. A bucket
 * knows no segments: calls may come later than it counted them, by the age at most.
 */
export function leaseEnd(options: RateLimiterOptions, takenAt: number): number {
	const oldest = takenAt + options.leaseMaxAgeMs;
	if (options.algorithm === 'gcra') return oldest;
	const lengthMs = countedTogetherMs(options);
	return Math.min(oldest, (Math.floor(takenAt / lengthMs) + 1) * lengthMs);
}

/** How long permits that were taken together may be used at most, in ms. */
export const longestLeaseMs = (options: RateLimiterOptions): number =>
	options.algorithm === 'gcra'
		? options.leaseMaxAgeMs
		: Math.min(options.leaseMaxAgeMs, countedTogetherMs(options));

/** Time is cut into spans of this length since the epoch, of which each has one count of calls. */
const countedTogetherMs = (options: RateLimiterOptions): number =>
	options.algorithm === 'fixed-window' ? options.periodMs : segmentMs(options);
