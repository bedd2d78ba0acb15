import type { CellMachine } from '../machine';
import { addAt, amountOf, currentSegment, NEWEST, ringSize, sumAt } from '../segment-ring';
import type { RateLimiterOptions } from './options';

/**
 * Sliding-window counter that errs on the safe side. The period is cut into 10 segments, and a call is admitted
 * when the 11 segments that the last period can touch hold less than the limit: so no window of one period,
 * wherever it starts, ever sees more than `limit` calls. The price is up to a tenth of the rate under full load.
 * (The well-known counter that weighs the previous window by its overlap is only right on average.)
 */
const SEGMENTS_PER_PERIOD = 10;
const SEGMENTS = SEGMENTS_PER_PERIOD + 1;

const segmentMs = (options: RateLimiterOptions): number =>
	Math.ceil(options.periodMs / SEGMENTS_PER_PERIOD);

export const slidingWindow: CellMachine<RateLimiterOptions> = {
	size: ringSize(SEGMENTS),

	judge(cells, offset, options, now, { weight }) {
		const length = segmentMs(options);
		const current = currentSegment(cells, offset, length, now);
		let excess = sumAt(cells, offset, SEGMENTS, current) + weight - options.limit;
		if (excess <= 0) return 0;
		if (weight > options.limit) return Infinity;
		let leaving = current - SEGMENTS;
		while (excess > 0) excess -= amountOf(cells, offset, SEGMENTS, ++leaving);
		return (leaving + SEGMENTS) * length - now;
	},

	take(cells, offset, options, now, { weight }) {
		addAt(cells, offset, SEGMENTS, currentSegment(cells, offset, segmentMs(options), now), weight);
	},

	idleAt: (cells, offset, options) => (cells[offset + NEWEST]! + SEGMENTS) * segmentMs(options),

	inspect(cells, offset, options, now) {
		const current = currentSegment(cells, offset, segmentMs(options), now);
		return {
			limit: options.limit,
			remaining: Math.max(0, options.limit - sumAt(cells, offset, SEGMENTS, current)),
		};
	},
};
