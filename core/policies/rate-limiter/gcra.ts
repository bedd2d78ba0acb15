import type { CellMachine } from '../machine';
import type { RateLimiterOptions } from './options';

/**
 * Generic cell rate algorithm (ITU-T I.371) in its leaky-bucket form. A call of weight w pours in `w * period`;
 * every millisecond drains `limit`; the bucket holds `burst * period`. All numbers are whole, so that the rate is
 * exact however odd the limit and however long it runs: in every window of t ms at most `burst + limit / period * t`
 * calls are admitted.
 *
 * Cells: [0] when the level was noted, in ms; [1] the level.
 */
const AT = 0;
const LEVEL = 1;

function levelAt(
	cells: Float64Array,
	offset: number,
	options: RateLimiterOptions,
	now: number,
): number {
	const drained = cells[offset + LEVEL]! - Math.max(0, now - cells[offset + AT]!) * options.limit;
	return drained > 0 ? drained : 0;
}

export const gcra: CellMachine<RateLimiterOptions> = {
	size: 2,

	judge(cells, offset, options, now, { weight }) {
		const excess =
			levelAt(cells, offset, options, now) +
			weight * options.periodMs -
			options.burst * options.periodMs;
		if (excess <= 0) return 0;
		if (weight > options.burst) return Infinity;
		// A clock that was set back drains nothing until it has caught up.
		const behind = Math.max(0, cells[offset + AT]! - now);
		return behind + Math.ceil(excess / options.limit);
	},

	take(cells, offset, options, now, { weight }) {
		cells[offset + LEVEL] = levelAt(cells, offset, options, now) + weight * options.periodMs;
		// Never backwards: a clock that was set back must not drain the same time twice.
		cells[offset + AT] = Math.max(now, cells[offset + AT]!);
		return 0;
	},

	refund(cells, offset, options, { weight, takenAt }) {
		const at = cells[offset + AT]!;
		if (takenAt > at) return;
		// When others came after it, all that had drained meanwhile may have been of what this call poured in.
		const left = weight * options.periodMs - (at - takenAt) * options.limit;
		const level = cells[offset + LEVEL]!;
		cells[offset + LEVEL] = level - Math.max(0, Math.min(left, level));
	},

	idleAt: (cells, offset, options) =>
		cells[offset + AT]! + Math.ceil(cells[offset + LEVEL]! / options.limit),

	lastingOptions: (known, options) =>
		options.limit < known.limit ? { ...known, limit: options.limit } : known,

	inspect(cells, offset, options, now) {
		const free = options.burst * options.periodMs - levelAt(cells, offset, options, now);
		return { limit: options.limit, remaining: Math.max(0, Math.floor(free / options.periodMs)) };
	},
};
