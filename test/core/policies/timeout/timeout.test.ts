import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import type { Outcome } from '../../../../core/outcome';
import { parseOptions } from '../../../../core/options';
import { definePolicy, guard } from '../../../../core/policies/define';
import { timeout, timeoutOptions } from '../../../../core/policies/timeout';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';

const settings = fc
	.record({
		timeoutMs: fc.integer({ min: 1, max: 10_000 }),
		percentile: fc.oneof(
			fc.constantFrom(1, 7, 50, 90, 95, 99, 99.99),
			fc.integer({ min: 1, max: 99 }),
		),
		multiplier: fc.constantFrom(1, 1.5, 2, 10),
		minTimeoutMs: fc.integer({ min: 1, max: 500 }),
		maxTimeoutMs: fc.integer({ min: 500, max: 100_000 }),
		minimumNumberOfCalls: fc.integer({ min: 1, max: 30 }),
		windowMs: fc.integer({ min: 1_000, max: 2_000 }),
	})
	.map((options) => ({ strategy: 'adaptive', ...options }));

const step = fc.record({
	waitMs: fc.oneof(
		{ weight: 20, arbitrary: fc.nat({ max: 50 }) },
		{ weight: 1, arbitrary: fc.nat({ max: 3_000 }) },
	),
	latencyMs: fc.oneof(
		fc.nat({ max: 100 }),
		fc.nat({ max: 20_000 }),
		fc.double({ min: 0, max: 5, noNaN: true }),
	),
	ended: fc.constantFrom<Array<Omit<Outcome, 'latencyMs'>>>(
		{ kind: 'success' },
		{ kind: 'success' },
		{ kind: 'slow' },
		{ kind: 'failure', timedOut: true },
		{ kind: 'failure' },
		{ kind: 'ignored' },
	),
});

describe('an adaptive time-out', () => {
	it('is within 10 % above the exact percentile of the recent calls, times the multiplier, within its bounds', () => {
		let adapted = 0;
		holdsForHistories(settings, step, (raw, steps) => {
			const clock = new FakeClock();
			const store = new MemoryPolicyStore(clock);
			const policy = definePolicy('timeout', 'service', raw);
			const { options } = policy;
			let calls: Array<{ at: number; latencyMs: number }> = [];
			const halfMs = Math.ceil(options.windowMs / 2);
			for (const { waitMs, latencyMs, ended } of steps) {
				clock.advance(waitMs);
				const now = clock.now();
				const answer = store.admit({
					permitId: `${now}`,
					guards: [guard(policy)],
					attempt: 1,
					leaseMs: 1_000,
				});
				assert.equal(answer.status, 'granted');
				const timeoutMs = answer.permit.timeoutMs!;

				calls = calls.filter(({ at }) => Math.floor(at / halfMs) >= Math.floor(now / halfMs) - 1);
				const recent = new Float64Array(calls.map((call) => call.latencyMs)).sort();
				const within = (wanted: number) =>
					Math.min(options.maxTimeoutMs, Math.max(options.minTimeoutMs, wanted));
				if (recent.length < options.minimumNumberOfCalls) {
					assert.equal(timeoutMs, within(options.timeoutMs));
				} else {
					adapted++;
					// Nearest rank, in hundredths of a per cent and whole numbers.
					const hundredths = Math.round(options.percentile * 100);
					const rank = Math.ceil((hundredths * recent.length) / 10_000);
					const exact = recent[rank - 1]! * options.multiplier;
					assert.ok(timeoutMs >= within(Math.floor(exact)));
					assert.ok(timeoutMs <= within(Math.ceil(Math.max(exact, options.multiplier) * 1.1001)));
				}
				store.settle(answer.permit, { ...ended, latencyMs });
				if (ended.kind === 'success' || ended.kind === 'slow' || ended.timedOut)
					calls.push({ at: now, latencyMs });
			}
		});
		expect(adapted).toBeGreaterThan(10_000);
	});

	it('is the fixed limit when it is fixed', () => {
		const store = new MemoryPolicyStore(new FakeClock());
		const policy = definePolicy('timeout', 'service', { timeoutMs: 1, minTimeoutMs: 1_000 });
		const request = { permitId: '1', guards: [guard(policy)], attempt: 1, leaseMs: 1_000 };
		expect(store.admit(request)).toMatchObject({ permit: { timeoutMs: 1, leased: false } });
	});

	it('may be forgotten exactly when no recent call is known any more', () => {
		fc.assert(
			fc.property(settings, fc.nat({ max: 100_000 }), (raw, offsetMs) => {
				const options = parseOptions(timeoutOptions, { ...raw, minimumNumberOfCalls: 1 });
				const at = Date.UTC(2026, 0, 1) + offsetMs;
				const state = timeout.create(at);
				timeout.settle(state, options, at, '', 0, { kind: 'success', latencyMs: 1 });
				const idleAt = timeout.idleAt(state, options, at);
				expect(timeout.inspect(state, options, idleAt).figures.calls).toBe(0);
				expect(idleAt - at).toBeLessThanOrEqual(options.windowMs + 1);
			}),
			{ numRuns: 5_000 },
		);
	});
});
