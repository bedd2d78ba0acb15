import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import type { OutcomeKind } from '../../../../core/outcome';
import { definePolicy, guard } from '../../../../core/policies/define';
import type { Permit } from '../../../../core/ports';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';
import { LimitOracle, type Epoch } from './limit-oracle';

const LEASE_MS = 1_500;
const ADDRESS = { kind: 'bulkhead', name: 'service', key: '' } as const;

const settings = fc
	.record({
		strategy: fc.constantFrom('aimd', 'gradient'),
		bounds: fc.uniqueArray(fc.integer({ min: 1, max: 24 }), { minLength: 3, maxLength: 3 }),
		backoffRatio: fc.constantFrom(1, 50, 90, 99),
		slowCallDurationThresholdMs: fc.constantFrom(0, 100),
		latencyTolerance: fc.constantFrom(1, 1.5, 3),
		smoothing: fc.constantFrom(0.01, 0.2, 1),
		queueAllowance: fc.constantFrom(1, 4),
		longTermMeasurements: fc.constantFrom(10, 600),
		idleResetMs: fc.constantFrom(2_000, 60_000),
	})
	.map(({ bounds, ...others }) => {
		const [min, initial, max] = bounds.sort((one, other) => one - other);
		return {
			minConcurrentCalls: min,
			initialConcurrentCalls: initial,
			maxConcurrentCalls: max,
			maxWaitDurationMs: 0,
			...others,
		};
	});

type Step =
	| { readonly do: 'calls'; readonly count: number }
	| {
			readonly do: 'settle';
			readonly which: number;
			readonly kind: OutcomeKind;
			readonly latencyMs: number;
	  }
	| { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('calls' as const),
			count: fc.constantFrom(1, 2, 30),
		}),
	},
	{
		weight: 16,
		arbitrary: fc.record({
			do: fc.constant('settle' as const),
			which: fc.nat({ max: 30 }),
			kind: fc.oneof(
				{ weight: 30, arbitrary: fc.constant<OutcomeKind>('success') },
				{
					weight: 3,
					arbitrary: fc.constantFrom<OutcomeKind[]>('failure', 'slow', 'ignored'),
				},
			),
			latencyMs: fc.constantFrom(0, 10, 10, 30, 30, 99, 99, 100),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.oneof(
				{ weight: 8, arbitrary: fc.nat({ max: 300 }) },
				{ weight: 1, arbitrary: fc.constantFrom(1_000, 1_499, 1_500, 2_000, 60_000) },
			),
		}),
	},
);

interface Running {
	readonly permit: Permit;
	readonly epoch: Epoch;
	readonly until: number;
}

describe('an adaptive bulkhead', () => {
	it('is at each moment what its history says, within its bounds, and never holds more at admission', () => {
		const seen = { fell: 0, grew: 0, lapsed: 0 };
		holdsForHistories(settings, step, (raw, steps) => {
			const clock = new FakeClock();
			const store = new MemoryPolicyStore(clock);
			const policy = definePolicy('bulkhead', 'service', raw);
			const { options } = policy;
			const oracle = new LimitOracle(options);
			let running: Running[] = [];
			let nextId = 0;

			/** Returns whether the call was let in. */
			const call = (limit: number): boolean => {
				const permitId = `call ${nextId++}`;
				const request = { permitId, guards: [guard(policy)], attempt: 1, leaseMs: LEASE_MS };
				const answer = store.admit(request);
				assert.equal(answer.status, running.length < limit ? 'granted' : 'rejected');
				if (answer.status !== 'granted') return false;
				const now = clock.now();
				running.push({ permit: answer.permit, epoch: oracle.admit(now), until: now + LEASE_MS });
				assert.ok(running.length <= limit);
				return true;
			};

			for (const one of steps) {
				const now = clock.now();
				const held = running.length;
				running = running.filter(({ until }) => until > now);
				seen.lapsed += held - running.length;
				const before = oracle.limit(now);
				if (one.do === 'wait') clock.advance(one.ms);
				else if (one.do === 'calls') {
					for (let left = one.count; left > 0 && call(before); left--);
				} else {
					const [ended] = running.slice(one.which % Math.max(1, running.length));
					if (!ended) continue;
					const { kind, latencyMs } = one;
					oracle.end(now, ended.epoch, running.length, kind, latencyMs);
					assert.equal(store.settle(ended.permit, { kind, latencyMs }), 'held');
					running = running.filter((other) => other !== ended);
					const after = oracle.limit(now);
					if (after < before) seen.fell++;
					if (after > before) seen.grew++;
				}
				const limit = oracle.limit(clock.now());
				assert.ok(limit >= options.minConcurrentCalls && limit <= options.maxConcurrentCalls);
				const { figures } = store.inspect(ADDRESS) ?? { figures: { limit } };
				assert.equal(figures.limit, limit);
			}
		});
		expect(Math.min(...Object.values(seen))).toBeGreaterThan(500);
	});

	/** A service that takes `capacity` calls at once; what happens to one depends on how many run. */
	const simulate = (
		raw: Record<string, unknown>,
		endOf: (running: number, atMs: number) => { kind: OutcomeKind; latencyMs: number },
		forMs: number,
	): number[] => {
		const clock = new FakeClock();
		const start = clock.now();
		const store = new MemoryPolicyStore(clock);
		const policy = definePolicy('bulkhead', 'service', { maxWaitDurationMs: 0, ...raw });
		let running: Array<{ permit: Permit; end: ReturnType<typeof endOf>; at: number }> = [];
		const limits: number[] = [];
		for (let ms = 0; ms < forMs; ms += 10, clock.advance(10)) {
			for (const { permit, end } of running.filter(({ at }) => at <= clock.now()))
				store.settle(permit, end);
			running = running.filter(({ at }) => at > clock.now());
			for (let call = 0; call < 5; call++) {
				const request = { permitId: `${ms} ${call}`, attempt: 1, leaseMs: 60_000 };
				const answer = store.admit({ ...request, guards: [guard(policy)] });
				if (answer.status !== 'granted') break;
				const end = endOf(running.length + 1, clock.now() - start);
				running.push({ permit: answer.permit, end, at: clock.now() + end.latencyMs });
			}
			limits.push(store.inspect(ADDRESS)!.figures.limit!);
		}
		return limits;
	};
	const between = (limits: number[], fromMs: number, toMs: number) => {
		const part = limits.slice(fromMs / 10, toMs / 10);
		return { least: Math.min(...part), most: Math.max(...part) };
	};

	it('with AIMD hovers about what the service bears', () => {
		const limits = simulate(
			{ strategy: 'aimd', initialConcurrentCalls: 2 },
			(running) => ({ kind: running > 30 ? 'failure' : 'success', latencyMs: 100 }),
			120_000,
		);
		const { least, most } = between(limits, 60_000, 120_000);
		expect(least).toBeGreaterThanOrEqual(27);
		expect(most).toBeLessThanOrEqual(31);
	});

	it('with a gradient stays near what the service bears before any call fails', () => {
		const limits = simulate(
			{ strategy: 'gradient', maxConcurrentCalls: 1_000 },
			(running) => ({ kind: 'success', latencyMs: 100 * Math.max(1, running / 30) }),
			120_000,
		);
		const { least, most } = between(limits, 60_000, 120_000);
		expect(least).toBeGreaterThanOrEqual(30);
		expect(most).toBeLessThanOrEqual(90);
	});

	it.each(['aimd', 'gradient'])(
		'with %s falls to its lower bound in an outage and recovers',
		(strategy) => {
			const limits = simulate(
				{ strategy, minConcurrentCalls: 2, initialConcurrentCalls: 20 },
				(_running, atMs) =>
					atMs >= 10_000 && atMs < 30_000
						? { kind: 'failure', latencyMs: 20 }
						: { kind: 'success', latencyMs: 100 },
				90_000,
			);
			expect(between(limits, 0, 10_000).least).toBeGreaterThanOrEqual(20);
			expect(between(limits, 25_000, 30_000)).toEqual({ least: 2, most: 2 });
			expect(between(limits, 80_000, 90_000).least).toBeGreaterThanOrEqual(20);
		},
	);

	it('counts an outage that hits all calls at once as one', () => {
		const store = new MemoryPolicyStore(new FakeClock());
		const policy = definePolicy('bulkhead', 'service', { strategy: 'aimd' });
		const permits = Array.from({ length: 20 }, (_, call) => {
			const request = { permitId: `${call}`, guards: [guard(policy)], attempt: 1, leaseMs: 1_000 };
			const answer = store.admit(request);
			if (answer.status !== 'granted') throw new Error('must be granted');
			return answer.permit;
		});
		for (const permit of permits) store.settle(permit, { kind: 'failure', latencyMs: 1 });
		expect(store.inspect(ADDRESS)?.figures.limit).toBe(18);
	});

	it.each([
		['waves that use all of it', 1, 17],
		['waves that use half of it', 0.5, 17],
		['waves that use less', 0.4, 10],
	])('with AIMD grows with each limit of good calls, in %s', (_name, share, expected) => {
		const store = new MemoryPolicyStore(new FakeClock());
		const policy = definePolicy('bulkhead', 'service', {
			strategy: 'aimd',
			initialConcurrentCalls: 10,
		});
		const limit = () => store.inspect(ADDRESS)?.figures.limit ?? 10;
		for (let call = 0; call < 100;) {
			const wave = Math.min(100 - call, Math.ceil(limit() * share));
			const permits = Array.from({ length: wave }, () => {
				const request = { permitId: `${call++}`, guards: [guard(policy)] };
				const answer = store.admit({ ...request, attempt: 1, leaseMs: 1_000 });
				assert(answer.status === 'granted');
				return answer.permit;
			});
			for (const permit of permits) store.settle(permit, { kind: 'success', latencyMs: 1 });
		}
		const last = store.admit({ permitId: 'last', guards: [guard(policy)], attempt: 1, leaseMs: 1 });
		expect(last.status).toBe('granted');
		expect(limit()).toBe(expected);
	});

	it('shares its slots with a fixed one of the same name', () => {
		const store = new MemoryPolicyStore(new FakeClock());
		const fixed = definePolicy('bulkhead', 'service', { maxConcurrentCalls: 1 });
		const adaptive = definePolicy('bulkhead', 'service', {
			strategy: 'gradient',
			maxConcurrentCalls: 2,
			initialConcurrentCalls: 1,
			maxWaitDurationMs: 0,
		});
		const admit = (policy: typeof fixed, permitId: string) =>
			store.admit({ permitId, guards: [guard(policy)], attempt: 1, leaseMs: 1_000 });
		expect(admit(fixed, 'one').status).toBe('granted');
		expect(admit(adaptive, 'other').status).toBe('rejected');
	});
});
