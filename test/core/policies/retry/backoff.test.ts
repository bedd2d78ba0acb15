import assert from 'node:assert/strict';

import fc from 'fast-check';

import { parseOptions } from '../../../../core/options';
import { backoffDelayMs, retryOptions } from '../../../../core/policies/retry';
import type { Random } from '../../../../core/ports';
import { seededRandom } from '../../../support/seeded-random';

/** Made under the same options. */
const DELAYS_A_RUN = 20;

const settings = fc
	.record({
		backoffType: fc.constantFrom('constant', 'linear', 'exponential'),
		delayMs: fc.oneof(fc.constantFrom(0, 1), fc.nat({ max: 100_000 })),
		backoffMultiplier: fc.oneof(
			fc.constantFrom(1, 2, 100),
			fc.double({ min: 1, max: 100, noNaN: true }),
		),
		extraMs: fc.oneof(fc.constant(0), fc.nat({ max: 1_000_000 })),
		maxAttempts: fc.constant(1_000),
	})
	.map(({ extraMs, ...options }) => ({ ...options, maxDelayMs: options.delayMs + extraMs }));

/** Mostly among the first ones. */
const attemptsBy = (uniform: Random): number =>
	1 + Math.floor(uniform() * (uniform() < 0.5 ? 8 : 1_000));

/** The delay without jitter, by repeated addition and multiplication instead of a formula. */
function plainDelay(options: ReturnType<typeof parse>, attempts: number): number {
	let delayMs = options.delayMs;
	for (let next = 2; next <= attempts && delayMs <= options.maxDelayMs; next++) {
		if (options.backoffType === 'linear') delayMs += options.delayMs;
		if (options.backoffType === 'exponential') delayMs *= options.backoffMultiplier;
	}
	return Math.min(delayMs, options.maxDelayMs);
}

const parse = (raw: Record<string, unknown>) => parseOptions(retryOptions, raw);

const nearly = (one: number, other: number) => Math.abs(one - other) <= 1e-9 * Math.max(1, other);

describe('back-off', () => {
	it.each(['none', 'full', 'equal'] as const)(
		'stays within its bounds with jitter %s',
		(jitter) => {
			fc.assert(
				fc.property(settings, fc.integer(), (raw, seed) => {
					const options = parse({ ...raw, jitter });
					const uniform = seededRandom(seed);
					for (let delay = 0; delay < DELAYS_A_RUN; delay++) {
						const attempts = attemptsBy(uniform);
						const drawn = uniform();
						const delayMs = backoffDelayMs(options, attempts, undefined, () => drawn);
						const plain = plainDelay(options, attempts);
						const share = { none: 1, full: drawn, equal: 0.5 + drawn / 2 }[jitter];
						assert.ok(
							nearly(delayMs, plain * share),
							`${delayMs} is not ${plain} x ${share} after ${attempts} attempts`,
						);
						assert.ok(delayMs >= 0 && delayMs <= options.maxDelayMs);
					}
				}),
				{ numRuns: 100_000 / DELAYS_A_RUN },
			);
		},
	);

	it('stays between the base and three times the last delay with decorrelated jitter', () => {
		let delays = 0;
		fc.assert(
			fc.property(settings, fc.integer(), (raw, seed) => {
				const options = parse({ ...raw, jitter: 'decorrelated' });
				const uniform = seededRandom(seed);
				let previous: number | undefined;
				for (let attempts = 1; attempts <= 100; attempts++) {
					const delayMs = backoffDelayMs(options, attempts, previous, uniform);
					const most = Math.max(options.delayMs, 3 * (previous ?? options.delayMs));
					assert.ok(delayMs >= options.delayMs);
					assert.ok(delayMs <= Math.min(options.maxDelayMs, most));
					previous = delayMs;
					delays++;
				}
			}),
			{ numRuns: 1_000 },
		);
		expect(delays).toBeGreaterThanOrEqual(100_000);
	});

	it.each([
		['full', 0, 1_000],
		['equal', 500, 1_000],
		['decorrelated', 1_000, 3_000],
	])('spreads delays evenly with jitter %s', (jitter, least, most) => {
		const options = parse({ jitter, delayMs: 1_000, maxDelayMs: 10_000 });
		const uniform = seededRandom(20_261_121);
		const buckets = new Array<number>(100).fill(0);
		const delays = 100_000;
		for (let count = 0; count < delays; count++) {
			const delayMs = backoffDelayMs(options, 1, undefined, uniform);
			buckets[Math.floor(((delayMs - least) / (most - least)) * buckets.length)]!++;
		}
		const expected = delays / buckets.length;
		const chiSquare = buckets.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
		// 99 degrees of freedom: only one run in a thousand is above 148.2, and as few are below 61.1.
		expect(chiSquare).toBeLessThan(148.2);
		expect(chiSquare).toBeGreaterThan(61.1);
	});

	it('keeps a delay of nothing at nothing, however often it is multiplied', () => {
		const options = parse({
			delayMs: 0,
			backoffMultiplier: 100,
			jitter: 'full',
			maxAttempts: 1_000,
		});
		expect(backoffDelayMs(options, 999, undefined, () => 0.5)).toBe(0);
	});
});
