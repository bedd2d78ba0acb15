import fc from 'fast-check';

import { parseOptions } from '../../../../core/options';
import { decideRetry, retryOptions } from '../../../../core/policies/retry';
import type { Failure } from '../../../../core/failure';

const NOW = Date.UTC(2026, 10, 21);
const first = { attempt: 1, elapsedMs: 0, previousDelayMs: undefined, now: NOW };

const decide = (raw: Record<string, unknown>, failure: Partial<Failure> = {}, progress = {}) =>
	decideRetry(
		parseOptions(retryOptions, { jitter: 'none', ...raw }),
		{ message: '', ...failure },
		{ ...first, ...progress },
		() => 0.5,
	);

describe('a retry', () => {
	it('counts the first attempt among the maximum', () => {
		expect(decide({ maxAttempts: 1 })).toEqual({ action: 'give-up', reason: 'max-attempts' });
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1_000 }), (maxAttempts) => {
				let attempts = 1;
				while (decide({ maxAttempts }, {}, { attempt: attempts }).action === 'retry') attempts++;
				expect(attempts).toBe(maxAttempts);
			}),
			{ numRuns: 20 },
		);
	});

	it('gives up when the next attempt would start after the maximum elapsed time', () => {
		const options = { maxElapsedMs: 5_000, delayMs: 1_000 };
		expect(decide(options, {}, { elapsedMs: 4_000 })).toEqual({ action: 'retry', delayMs: 1_000 });
		expect(decide(options, {}, { elapsedMs: 4_001 })).toEqual({
			action: 'give-up',
			reason: 'max-elapsed-time',
		});
	});

	it('waits as long as the service asks for, and gives up when that is too long', () => {
		const failure = { statusCode: 503, retryAfter: '120' };
		expect(decide({ delayMs: 1_000 }, failure)).toEqual({ action: 'retry', delayMs: 120_000 });
		expect(decide({ maxRetryAfterMs: 119_999 }, failure)).toEqual({
			action: 'give-up',
			reason: 'retry-after-too-long',
		});
		expect(decide({ respectRetryAfter: false, maxRetryAfterMs: 1 }, failure)).toEqual({
			action: 'retry',
			delayMs: 1_000,
		});
		expect(decide({ delayMs: 5_000 }, { retryAfter: '1' })).toEqual({
			action: 'retry',
			delayMs: 5_000,
		});
		expect(decide({}, { retryAfter: 'soon' })).toEqual({ action: 'retry', delayMs: 1_000 });
	});

	it('lets the first rule that matches decide', () => {
		const rules = [
			{ statusCodes: '500-502, 504', messagePattern: 'quota*exceeded', action: 'give-up' },
			{ statusCodes: '500-599', action: 'delay', delayMs: 7 },
			{ errorCode: 'econnreset', action: 'retry' },
			{ errorName: 'AxiosError', action: 'give-up' },
			{ statusCodes: '404', action: 'retry' },
		];
		const delays = (failure: Partial<Failure>) => {
			const decision = decide({ rules }, failure);
			return decision.action === 'retry' ? decision.delayMs : decision.reason;
		};
		expect(delays({ statusCode: 500, message: 'Your QUOTA was exceeded.' })).toBe('rule');
		expect(delays({ statusCode: 503, message: 'Your QUOTA was exceeded.' })).toBe(7);
		expect(delays({ statusCode: 500, message: 'exceeded quota' })).toBe(7);
		expect(delays({ code: 'ECONNRESET', name: 'AxiosError' })).toBe(1_000);
		expect(delays({ code: 'ETIMEDOUT', name: 'axioserror' })).toBe('rule');
		expect(delays({ statusCode: 404 })).toBe(1_000);
		expect(delays({ statusCode: 403 })).toBe('not-retryable');
		expect(delays({})).toBe(1_000);
	});

	it.each([
		[400, 'give-up'],
		[404, 'give-up'],
		[408, 'retry'],
		[425, 'retry'],
		[429, 'retry'],
		[499, 'give-up'],
		[500, 'retry'],
		[undefined, 'retry'],
	])('without rules treats status %s as %s', (statusCode, action) => {
		expect(decide({}, { statusCode }).action).toBe(action);
	});

	it('always answers with a whole, finite delay', () => {
		fc.assert(
			fc.property(
				fc.record({
					backoffType: fc.constantFrom('constant', 'linear', 'exponential'),
					jitter: fc.constantFrom('none', 'full', 'equal', 'decorrelated'),
					delayMs: fc.nat({ max: 1_000 }),
					backoffMultiplier: fc.double({ min: 1, max: 100, noNaN: true }),
					maxAttempts: fc.constant(1_000),
				}),
				fc.integer({ min: 1, max: 999 }),
				fc.option(fc.nat(), { nil: undefined }),
				fc.option(fc.nat({ max: 3_600 }).map(String), { nil: undefined }),
				(raw, attempt, previousDelayMs, retryAfter) => {
					const decision = decide(raw, { retryAfter }, { attempt, previousDelayMs });
					if (decision.action !== 'retry') throw new Error('must retry');
					expect(Number.isSafeInteger(decision.delayMs)).toBe(true);
					expect(decision.delayMs).toBeLessThanOrEqual(
						Math.max(30_000, Number(retryAfter ?? 0) * 1_000),
					);
				},
			),
			{ numRuns: 2_000 },
		);
	});

	it('finds a pattern with many stars in a long message without delay', () => {
		const rules = [{ messagePattern: 'a*'.repeat(250), action: 'give-up' }];
		const start = performance.now();
		expect(
			decide({ rules }, { message: `${'a'.repeat(249)}b`.repeat(1) + 'b'.repeat(100_000) }).action,
		).toBe('retry');
		expect(performance.now() - start).toBeLessThan(1_000);
	});
});
