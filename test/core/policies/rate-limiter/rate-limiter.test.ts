import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
	heaviestCall,
	rateLimiterMachine,
	rateLimiterOptions,
} from '../../../../core/policies/rate-limiter';
import type { RateLimiterOptions } from '../../../../core/policies/rate-limiter';
import { parseOptions } from '../../../../core/options';
import { holdsForHistories } from '../../../support/property';

const START = Date.UTC(2026, 0, 1);

/** A limiter's only key, driven by a clock that may be set back. */
class Limiter {
	readonly admitted: Array<{ at: number; weight: number }> = [];
	now = START;
	/** What the limiter goes by: a clock that is set back behind the last admission does not give time again. */
	latest = START;
	private readonly machine;
	private readonly cells: Float64Array;

	constructor(readonly options: RateLimiterOptions) {
		this.machine = rateLimiterMachine(options);
		this.cells = new Float64Array(this.machine.size);
	}

	move(ms: number): void {
		this.now += ms;
	}

	wait(weight: number, priority = 0, at = this.now): number {
		return this.machine.judge(this.cells, 0, this.options, at, { weight, attempt: 1, priority });
	}

	/** Returns 0 when the call was admitted. */
	call(weight: number, priority = 0): number {
		this.latest = Math.max(this.admitted.at(-1)?.at ?? 0, this.now);
		const before = this.cells.slice();
		const waitMs = this.wait(weight, priority);
		assert.ok(this.cells.every((cell, index) => cell === before[index]));
		if (waitMs === 0) {
			this.machine.take(this.cells, 0, this.options, this.now, { weight, attempt: 1, priority });
			this.admitted.push({ at: this.latest, weight });
		}
		return waitMs;
	}

	/** Weight admitted after `from` (exclusive) up to now. */
	admittedSince(from: number): number {
		let sum = 0;
		for (let index = this.admitted.length - 1; index >= 0; index--) {
			const { at, weight } = this.admitted[index]!;
			if (at <= from) break;
			sum += weight;
		}
		return sum;
	}
}

const oddLimits = [
	{ limit: 7, periodMs: 1_000 },
	{ limit: 3, periodMs: 10 },
	{ limit: 1, periodMs: 1 },
	{ limit: 5, periodMs: 1 },
	{ limit: 2, periodMs: 11 },
	{ limit: 13, periodMs: 97 },
	{ limit: 1_000_000, periodMs: 60_000 },
	{ limit: 1, periodMs: 86_400_000 },
];

const settings = (algorithm: RateLimiterOptions['algorithm']) =>
	fc
		.record({
			rate: fc.oneof(
				fc.constantFrom(...oddLimits),
				fc.record({
					limit: fc.integer({ min: 1, max: 50 }),
					periodMs: fc.integer({ min: 1, max: 2_000 }),
				}),
			),
			burst: fc.integer({ min: 1, max: 20 }),
			reservedForPriority: fc.constantFrom(0, 0, 10, 50, 99),
		})
		.map(({ rate, ...others }) =>
			parseOptions(rateLimiterOptions, { algorithm, ...rate, ...others }),
		);

interface Step {
	/** In fractions of the period, so that every limit is met at its edges. */
	readonly moved: { readonly periods: number; readonly ms: number };
	readonly weight: number;
	readonly priority: number;
}

const step: fc.Arbitrary<Step> = fc.record({
	priority: fc.constantFrom(-1, 0, 0, 1),
	moved: fc.record({
		periods: fc.constantFrom(0, 0, 0, 0, 0.05, 0.1, 0.25, 0.5, 0.9, 1, 1.1, 3, -0.3, -2),
		ms: fc.integer({ min: -1, max: 2 }),
	}),
	// A share of what the limiter can ever admit at once, so that huge limits are reached too.
	weight: fc.oneof(
		{ weight: 3, arbitrary: fc.constant(0) },
		{ weight: 1, arbitrary: fc.double({ min: 0, max: 1.2, noNaN: true }) },
	),
});

const weightOf = (options: RateLimiterOptions, share: number): number =>
	Math.max(1, Math.ceil(share * (options.algorithm === 'gcra' ? options.burst : options.limit)));

const msOf = (options: RateLimiterOptions, { periods, ms }: Step['moved']): number =>
	Math.round(periods * options.periodMs) + ms;

/** A call that was made: what it asked for, and what had to be free for it to pass. */
interface Made {
	readonly weight: number;
	readonly priority: number;
	readonly needed: number;
	readonly waitMs: number;
}

function play(
	options: RateLimiterOptions,
	steps: readonly Step[],
	check: (limiter: Limiter, made: Made) => void,
): void {
	const limiter = new Limiter(options);
	const capacity = options.algorithm === 'gcra' ? options.burst : options.limit;
	const reserve = Math.floor((capacity * options.reservedForPriority) / 100);
	for (const { moved, weight: share, priority } of steps) {
		limiter.move(msOf(options, moved));
		const weight = weightOf(options, share);
		const needed = priority > 0 ? weight : weight + reserve;
		check(limiter, { weight, priority, needed, waitMs: limiter.call(weight, priority) });
	}
}

/** The wait must be a whole number of milliseconds after which the call is admitted, and not one earlier. */
function expectExactWait(limiter: Limiter, { weight, priority, waitMs }: Made): void {
	if (weight > heaviestCall(limiter.options, priority)) return assert.equal(waitMs, Infinity);
	assert.ok(Number.isInteger(waitMs));
	assert.equal(limiter.wait(weight, priority, limiter.now + waitMs), 0);
	if (waitMs > 1) assert.equal(limiter.wait(weight, priority, limiter.now + waitMs - 1), 1);
}

describe('GCRA', () => {
	it('admits at most burst + rate x t in every window, and everything that fits', () => {
		holdsForHistories(settings('gcra'), step, (options, steps) => {
			const period = BigInt(options.periodMs);
			const rate = BigInt(options.limit);
			const allowance = BigInt(options.burst) * period;
			// Weight before the first call of a window, against the time until then: the window that a call may not
			// overfill is the one in which this is least. So all windows are looked at, in whole numbers.
			let before: bigint | undefined;
			let total = 0n;
			play(options, steps, (limiter, made) => {
				const { weight, needed, waitMs } = made;
				const drained = rate * BigInt(limiter.latest - START);
				const opening = total * period - drained;
				const least = before === undefined || opening < before ? opening : before;
				const fits = (total + BigInt(needed)) * period - drained - least <= allowance;
				assert.equal(waitMs === 0, fits);
				if (waitMs === 0) {
					total += BigInt(weight);
					before = least;
				} else expectExactWait(limiter, made);
			});
		});
	});

	it('keeps to the rate over every pair of admissions', () => {
		fc.assert(
			fc.property(settings('gcra'), fc.array(step, { maxLength: 60 }), (options, steps) => {
				play(options, steps, ({ admitted }) => {
					let sum = 0n;
					const last = admitted.at(-1);
					for (let first = admitted.length - 1; first >= 0; first--) {
						sum += BigInt(admitted[first]!.weight);
						const elapsed = BigInt(last!.at - admitted[first]!.at);
						const allowed =
							BigInt(options.burst) * BigInt(options.periodMs) + BigInt(options.limit) * elapsed;
						assert.ok(sum * BigInt(options.periodMs) <= allowed);
					}
				});
			}),
			{ numRuns: 200 },
		);
	});

	it('does not drift over a hundred thousand calls at an odd rate', () => {
		const limiter = new Limiter(
			parseOptions(rateLimiterOptions, { algorithm: 'gcra', limit: 7, periodMs: 1_000, burst: 2 }),
		);
		for (let call = 0; call < 100_000; call++) {
			limiter.move(limiter.wait(1));
			assert.equal(limiter.call(1), 0);
		}
		// Two calls at once, then one every 1000 / 7 ms.
		expect(limiter.now - START).toBe(Math.ceil((99_998 * 1_000) / 7));
	});
});

describe('the sliding window', () => {
	it('admits at most the limit in every window of one period, and all that is clear of it', () => {
		holdsForHistories(settings('sliding-window'), step, (options, steps) => {
			const { limit, periodMs } = options;
			const segmentMs = Math.ceil(periodMs / 10);
			play(options, steps, (limiter, made) => {
				if (made.waitMs === 0) {
					// The window that ends with this call is the only one that it can overfill.
					assert.ok(limiter.admittedSince(limiter.latest - periodMs) <= limit);
					return;
				}
				const reach = periodMs + 2 * segmentMs - 2;
				const seen = limiter.admittedSince(limiter.latest - reach);
				assert.ok(seen + made.needed > limit);
				expectExactWait(limiter, made);
			});
		});
	});

	it('admits the whole limit once a period when the period is as short as the clock can tell', () => {
		const limiter = new Limiter(parseOptions(rateLimiterOptions, { limit: 3, periodMs: 1 }));
		for (let ms = 0; ms < 50; ms++) {
			expect([limiter.call(1), limiter.call(1), limiter.call(1)]).toEqual([0, 0, 0]);
			expect(limiter.call(1)).toBe(1);
			limiter.move(1);
		}
	});
});

describe('the fixed window', () => {
	it('admits exactly the limit in each period counted from the epoch', () => {
		holdsForHistories(settings('fixed-window'), step, (options, steps) => {
			const used = new Map<number, number>();
			play(options, steps, (limiter, made) => {
				const window = Math.floor(limiter.latest / options.periodMs);
				const before = used.get(window) ?? 0;
				assert.equal(made.waitMs === 0, before + made.needed <= options.limit);
				if (made.waitMs === 0) used.set(window, before + made.weight);
				else expectExactWait(limiter, made);
			});
		});
	});

	it('starts a daily quota anew at midnight UTC', () => {
		const limiter = new Limiter(
			parseOptions(rateLimiterOptions, {
				algorithm: 'fixed-window',
				limit: 1,
				periodMs: 86_400_000,
			}),
		);
		limiter.move(86_400_000 - 5);
		expect(limiter.call(1)).toBe(0);
		expect(limiter.call(1)).toBe(5);
		limiter.move(5);
		expect(limiter.call(1)).toBe(0);
	});
});

describe.each(['gcra', 'sliding-window', 'fixed-window'] as const)('%s', (algorithm) => {
	it('works from the first millisecond of the epoch', () => {
		const options = parseOptions(rateLimiterOptions, { algorithm, limit: 2, burst: 2 });
		const machine = rateLimiterMachine(options);
		// Neighbours in the same table must not be read.
		const cells = new Float64Array(3 * machine.size).fill(1);
		const offset = machine.size;
		cells.fill(0, offset, offset + machine.size);
		const call = { weight: 1, attempt: 1, priority: 0 };
		for (const now of [0, 1]) {
			expect(machine.judge(cells, offset, options, now, call)).toBe(0);
			machine.take(cells, offset, options, now, call);
		}
		const waitMs = machine.judge(cells, offset, options, 1, call);
		expect(waitMs).toBeGreaterThan(0);
		expect(machine.judge(cells, offset, options, 1 + waitMs, call)).toBe(0);
		expect(cells.subarray(0, offset).every((cell) => cell === 1)).toBe(true);
		expect(cells.subarray(offset + machine.size).every((cell) => cell === 1)).toBe(true);
	});
});
