import type { CellMachine } from '../machine';
import { reserveAgainst, type RateLimiterOptions } from './options';

/**
 * Keeps a share of a limiter for calls of a priority above 0: others pass only where that much would still be free
 * after them. They take no more than their weight, so what nobody of priority uses is not lost.
 */
export const withPriorities = (
	limiter: CellMachine<RateLimiterOptions>,
): CellMachine<RateLimiterOptions> => ({
	...limiter,

	judge(cells, offset, options, now, call) {
		if (options.reservedForPriority === 0) return limiter.judge(cells, offset, options, now, call);
		const weight = call.weight + reserveAgainst(options, call.priority);
		return limiter.judge(cells, offset, options, now, { ...call, weight });
	},
});
