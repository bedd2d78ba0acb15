import type { CellMachine } from '../machine';
import type { RateLimiterOptions } from './options';

/**
 * A quota that is new at each full period since the epoch. Simple and what many vendors bill by; note that two
 * quotas can be used up around a boundary.
 *
 * Cells: [0] number of the window; [1] calls used in it.
 */
const WINDOW = 0;
const USED = 1;

const windowAt = (options: RateLimiterOptions, now: number): number =>
	Math.floor(now / options.periodMs);

function usedAt(cells: Float64Array, offset: number, window: number): number {
	// A window ahead of ours means the clock was set back: its count still stands.
	return cells[offset + WINDOW]! >= window ? cells[offset + USED]! : 0;
}

export const fixedWindow: CellMachine<RateLimiterOptions> = {
	size: 2,

	judge(cells, offset, options, now, { weight }) {
		const window = windowAt(options, now);
		if (usedAt(cells, offset, window) + weight <= options.limit) return 0;
		if (weight > options.limit) return Infinity;
		return (Math.max(window, cells[offset + WINDOW]!) + 1) * options.periodMs - now;
	},

	take(cells, offset, options, now, { weight }) {
		const window = windowAt(options, now);
		cells[offset + USED] = usedAt(cells, offset, window) + weight;
		cells[offset + WINDOW] = Math.max(window, cells[offset + WINDOW]!);
		return 0;
	},

	refund(cells, offset, options, { weight, takenAt }) {
		if (cells[offset + WINDOW] !== windowAt(options, takenAt)) return;
		cells[offset + USED] = Math.max(0, cells[offset + USED]! - weight);
	},

	idleAt: (cells, offset, options) => (cells[offset + WINDOW]! + 1) * options.periodMs,

	inspect(cells, offset, options, now) {
		const used = usedAt(cells, offset, windowAt(options, now));
		return { limit: options.limit, remaining: Math.max(0, options.limit - used) };
	},
};
