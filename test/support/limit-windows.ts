import assert from 'node:assert/strict';

import type { RateLimiterOptions } from '../../core/policies/rate-limiter';

/** A call that was made. */
export interface MadeCall {
	/** By the limiter's clock, in ms. */
	readonly at: number;
	readonly weight: number;
}

/**
 * Fails where calls, earliest first, are more in any window than a limiter promises.
 * @param lateMs how much later than it was counted a call may have been made, where that makes windows see more
 */
export function expectWithinLimit(
	options: RateLimiterOptions,
	calls: readonly MadeCall[],
	lateMs = 0,
): void {
	const { limit, periodMs, burst } = options;
	switch (options.algorithm) {
		case 'gcra': {
			// Since the call after which a window holds most, in whole numbers.
			let most = -Infinity;
			let total = 0;
			for (const { at, weight } of calls) {
				most = Math.max(most, at * limit - total * periodMs);
				total += weight;
				assert.ok(total * periodMs + most - at * limit <= burst * periodMs + limit * lateMs);
			}
			return;
		}
		case 'sliding-window': {
			let first = 0;
			let sum = 0;
			for (const { at, weight } of calls) {
				sum += weight;
				for (; calls[first]!.at <= at - periodMs; first++) sum -= calls[first]!.weight;
				assert.ok(sum <= limit);
			}
			return;
		}
		case 'fixed-window': {
			const used = new Map<number, number>();
			for (const { at, weight } of calls) {
				const window = Math.floor(at / periodMs);
				const sum = (used.get(window) ?? 0) + weight;
				used.set(window, sum);
				assert.ok(sum <= limit);
			}
		}
	}
}
