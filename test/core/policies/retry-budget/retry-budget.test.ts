import assert from 'node:assert/strict';

import fc from 'fast-check';

import { retryBudget, retryBudgetOptions } from '../../../../core/policies/retry-budget';
import { parseOptions } from '../../../../core/options';
import { holdsForHistories } from '../../../support/property';

const settings = fc.record({
	ttlMs: fc.integer({ min: 1_000, max: 3_000 }),
	minRetriesPerSecond: fc.constantFrom(0, 0, 1, 10),
	percentCanRetry: fc.constantFrom(0, 1, 20, 33, 100, 250),
});

const step = fc.record({
	attempt: fc.constantFrom(1, 1, 1, 1, 2, 3),
	waitMs: fc.oneof(
		{ weight: 5, arbitrary: fc.constant(0) },
		{ weight: 4, arbitrary: fc.nat({ max: 100 }) },
		{ weight: 1, arbitrary: fc.nat({ max: 4_000 }) },
	),
	/** Which of the latest calls was not made after all. */
	refunded: fc.option(fc.nat({ max: 5 }), { freq: 4 }),
});

interface Payment {
	readonly at: number;
	readonly amount: number;
	readonly token: number;
}

describe('a retry budget', () => {
	it("lets a retry pass exactly when Finagle's sum over the window pays for it", () => {
		let retried = 0;
		let refused = 0;
		holdsForHistories(settings, step, (raw, steps) => {
			const options = parseOptions(retryBudgetOptions, raw);
			const cells = new Float64Array(retryBudget.size);
			let payments: Payment[] = [];
			let now = Date.UTC(2026, 0, 1);

			// As in Finagle: the window is a tenth of the time to live at a time, the reserve always counts.
			const sliceMs = Math.ceil(options.ttlMs / 10);
			const isAllowedAt = (at: number) => {
				const firstSlice = Math.floor(at / sliceMs) - 9;
				const paid = payments
					.filter((payment) => Math.floor(payment.at / sliceMs) >= firstSlice)
					.reduce((sum, { amount }) => sum + amount, 0);
				const reserve = Math.floor((options.minRetriesPerSecond * options.ttlMs) / 10);
				return paid + reserve >= 100;
			};

			for (const { attempt, waitMs, refunded } of steps) {
				now += waitMs;
				payments = payments.filter(({ at }) => at > now - 2 * options.ttlMs);
				if (refunded !== null && refunded < payments.length) {
					const [{ at, token }] = payments.splice(payments.length - 1 - refunded, 1) as [Payment];
					retryBudget.refund(cells, 0, options, { weight: 1, token, takenAt: at });
				}
				const call = { weight: 1, attempt, priority: 0 };
				const retryAfterMs = retryBudget.judge(cells, 0, options, now, call);
				const isAllowed = attempt === 1 || isAllowedAt(now);
				assert.equal(retryAfterMs === 0, isAllowed);
				if (isAllowed) {
					const token = retryBudget.take(cells, 0, options, now, call);
					const amount = attempt === 1 ? options.percentCanRetry : -100;
					payments.push({ at: now, amount, token });
					if (attempt > 1) retried++;
				} else {
					refused++;
					// Asking when it says is allowed; asking a slice earlier is not.
					if (retryAfterMs === Infinity) assert.ok(!isAllowedAt(now + 2 * options.ttlMs));
					else {
						assert.ok(isAllowedAt(now + retryAfterMs));
						assert.ok(!isAllowedAt(now + retryAfterMs - 1));
					}
				}
			}
		});
		expect(retried).toBeGreaterThan(1_000);
		expect(refused).toBeGreaterThan(1_000);
	});

	it('lets a service that fails for good be hit by 20 % more calls and 10 a second, not more', () => {
		const options = parseOptions(retryBudgetOptions, {});
		const cells = new Float64Array(retryBudget.size);
		let retries = 0;
		const start = Date.UTC(2026, 0, 1);
		for (let call = 0; call < 100_000; call++) {
			const now = start + call;
			retryBudget.take(cells, 0, options, now, { weight: 1, attempt: 1, priority: 0 });
			for (const attempt of [2, 3]) {
				if (retryBudget.judge(cells, 0, options, now, { weight: 1, attempt, priority: 0 }) > 0)
					continue;
				retryBudget.take(cells, 0, options, now, { weight: 1, attempt, priority: 0 });
				retries++;
			}
		}
		const seconds = 100;
		expect(retries).toBeLessThanOrEqual(0.2 * 100_000 + 10 * seconds + 10 * 10);
		expect(retries).toBeGreaterThan(0.2 * 100_000);
	});
});
