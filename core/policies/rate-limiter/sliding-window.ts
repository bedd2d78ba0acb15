import type { CellMachine } from '../machine';
import {
	addAt,
	amountOf,
	currentSegment,
	NEWEST,
	removeAt,
	ringSize,
	sumAt,
} from '../segment-ring';
import type { RateLimiterOptions } from './options';

/**
 * Sliding-window counter that errs on the safe side. The period is cut into 10 segments, and a call is admitted
 * when the 11 segments that the last period can touch hold less than the limit: so no window of one period,
 * wherever it starts, ever sees more than `limit` calls. The price is up to a tenth of the rate under full load.
 * A period of a few milliseconds has fewer segments, since none is shorter than the clock's one millisecond.
 * (The well-known counter that weighs the previous window by its overlap is only right on average.)
 */
const SEGMENTS_PER_PERIOD = 10;
const MOST_SEGMENTS = SEGMENTS_PER_PERIOD + 1;

export const segmentMs = (options: RateLimiterOptions): number =>
	Math.ceil(options.periodMs / SEGMENTS_PER_PERIOD);

/** How many segments `periodMs` whole milliseconds can touch. */
const segmentsOf = (options: RateLimiterOptions, length: number): number =>
	Math.floor((options.periodMs + length - 2) / length) + 1;

export const slidingWindow: CellMachine<RateLimiterOptions> = {
	size: ringSize(MOST_SEGMENTS),

	judge(cells, offset, options, now, { weight }) {
		const length = segmentMs(options);
		const segments = segmentsOf(options, length);
		const current = currentSegment(cells, offset, length, now);
		let excess = sumAt(cells, offset, segments, current) + weight - options.limit;
		if (excess <= 0) return 0;
		if (weight > options.limit) return Infinity;
		let leaving = current - segments;
		while (excess > 0) excess -= amountOf(cells, offset, segments, ++leaving);
		return (leaving + segments) * length - now;
	},

	take(cells, offset, options, now, { weight }) {
		const length = segmentMs(options);
		const current = currentSegment(cells, offset, length, now);
		addAt(cells, offset, segmentsOf(options, length), current, weight);
		return 0;
	},

	refund(cells, offset, options, { weight, takenAt }) {
		const length = segmentMs(options);
		const segments = segmentsOf(options, length);
		const segment = Math.floor(takenAt / length);
		// While the clock was set back it was counted in a later segment; there it stays.
		const given = Math.min(weight, amountOf(cells, offset, segments, segment));
		removeAt(cells, offset, segments, segment, given);
	},

	idleAt(cells, offset, options) {
		const length = segmentMs(options);
		return (cells[offset + NEWEST]! + segmentsOf(options, length)) * length;
	},

	inspect(cells, offset, options, now) {
		const length = segmentMs(options);
		const current = currentSegment(cells, offset, length, now);
		const used = sumAt(cells, offset, segmentsOf(options, length), current);
		return { limit: options.limit, remaining: Math.max(0, options.limit - used) };
	},
};
