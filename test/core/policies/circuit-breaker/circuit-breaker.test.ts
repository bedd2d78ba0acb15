import assert from 'node:assert/strict';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import type { OutcomeKind } from '../../../../core/outcome';
import { definePolicy, guard } from '../../../../core/policies/define';
import { FakeClock } from '../../../support/fake-clock';
import { LEASE_MS, setUp } from './set-up';

describe('a circuit breaker', () => {
	it.each([
		['count-based', { slidingWindowType: 'count-based' }],
		['time-based', { slidingWindowType: 'time-based', slidingWindowDurationMs: 10_000 }],
		[
			'consecutive',
			{ failureRateThreshold: 0, slowCallRateThreshold: 0, consecutiveFailureThreshold: 3 },
		],
	])('that was idle is not tripped by one failure (%s)', (_name, options) => {
		const { clock, call, state } = setUp({
			failureRateThreshold: 50,
			minimumNumberOfCalls: 3,
			idleResetMs: 20_000,
			...options,
		});
		call('failure');
		call('failure');
		clock.advance(20_000);
		call('failure');
		expect(state()).toBe('closed');
		call('failure');
		expect(state()).toBe('closed');
		call('failure');
		expect(state()).toBe('open');
	});

	it('is not closed by a slow success from before the trip', () => {
		const { admit, call, store, state } = setUp({ minimumNumberOfCalls: 2 });
		const early = admit();
		call('failure');
		call('failure');
		expect(state()).toBe('open');
		if (early.status === 'granted')
			expect(store.settle(early.permit, { kind: 'success', latencyMs: 0 })).toBe('lost');
		expect(state()).toBe('open');
	});

	it('lets no outcome from before a reset count after it, even within one millisecond', () => {
		const { admit, store, policy, state } = setUp({
			failureRateThreshold: 0,
			consecutiveFailureThreshold: 1,
		});
		const early = admit();
		store.override(policy, '', 'reset');
		admit();
		if (early.status === 'granted')
			expect(store.settle(early.permit, { kind: 'failure', latencyMs: 0 })).toBe('lost');
		expect(state()).toBe('closed');
	});

	it('waits longer each time its probes fail, up to a bound, and starts over once closed', () => {
		const { clock, call, admit } = setUp({
			minimumNumberOfCalls: 1,
			permittedNumberOfCallsInHalfOpenState: 1,
			waitDurationInOpenStateMs: 1_000,
			waitDurationMultiplier: 3,
			maxWaitDurationInOpenStateMs: 10_000,
		});
		const waits = [];
		for (let opening = 0; opening < 5; opening++) {
			call('failure');
			const rejected = admit();
			if (rejected.status !== 'rejected') throw new Error('must be open');
			waits.push(rejected.retryAfterMs);
			clock.advance(rejected.retryAfterMs - 1);
			expect(admit().status).toBe('rejected');
			clock.advance(1);
		}
		expect(waits).toEqual([1_000, 3_000, 9_000, 10_000, 10_000]);
		call('success');
		call('failure');
		expect(admit()).toMatchObject({ status: 'rejected', retryAfterMs: 1_000 });
	});

	it('is not blocked for ever by probes that never report', () => {
		const { clock, call, admit, state } = setUp({
			minimumNumberOfCalls: 1,
			permittedNumberOfCallsInHalfOpenState: 2,
			waitDurationInOpenStateMs: 1_000,
		});
		call('failure');
		clock.advance(1_000);
		expect([admit().status, admit().status]).toEqual(['granted', 'granted']);
		expect(admit()).toMatchObject({ status: 'rejected', retryAfterMs: LEASE_MS });
		clock.advance(LEASE_MS);
		expect([call('success'), call('success')]).toEqual(['granted', 'granted']);
		expect(state()).toBe('closed');
	});

	it.each([
		[7, 100, 7],
		[14, 100, 14],
		[33.3, 1_000, 333],
		[28, 25, 7],
	])('opens at exactly %d %% of %d probes', (failureRateThreshold, probes, failures) => {
		const { clock, call, state } = setUp({
			failureRateThreshold,
			minimumNumberOfCalls: 1,
			permittedNumberOfCallsInHalfOpenState: probes,
			waitDurationInOpenStateMs: 1,
		});
		call('failure');
		clock.advance(1);
		for (let failed = 1; failed < failures; failed++) call('failure');
		expect(state()).toBe('half-open');
		call('failure');
		expect(state()).toBe('open');
	});

	it('wants to remember for longer than a slow call takes, while it looks at slow calls', () => {
		const minute = { slowCallDurationThresholdMs: 60_000, idleResetMs: 60_000 };
		expect(() => setUp(minute)).toThrow('no longer than the slow call duration');
		expect(() => setUp({ ...minute, idleResetMs: 60_001 })).not.toThrow();
		expect(() => setUp({ ...minute, slowCallRateThreshold: 0 })).not.toThrow();
	});

	it('counts no call that takes as long as the time after which it forgets', () => {
		const { clock, admit, store, state } = setUp({
			consecutiveFailureThreshold: 2,
			idleResetMs: 5_000,
		});
		const holding = [4_999, 5_000].map((latencyMs) => {
			const admission = admit();
			assert(admission.status === 'granted');
			clock.advance(latencyMs);
			return store.settle(admission.permit, { kind: 'failure', latencyMs });
		});
		expect(holding).toEqual(['held', 'lost']);
		expect(state()).toBeUndefined();
	});

	it('counts a call by how long it took, and by what the caller says of it', () => {
		const { call, state } = setUp({
			failureRateThreshold: 0,
			slowCallRateThreshold: 50,
			slowCallDurationThresholdMs: 100,
			minimumNumberOfCalls: 4,
		});
		call('success', 99);
		call('success', 100);
		call('success', 0);
		expect(state()).toBe('closed');
		call('slow', 0);
		expect(state()).toBe('open');
	});

	it.each([
		[{ slidingWindowSize: 10 }, { slidingWindowSize: 100 }],
		[
			{ slidingWindowType: 'time-based', slidingWindowDurationMs: 1_000 },
			{ slidingWindowType: 'time-based', slidingWindowDurationMs: 3_000 },
		],
	])(
		'counts the calls of all that share it, in the largest window that they ask for',
		(first, second) => {
			const clock = new FakeClock();
			const store = new MemoryPolicyStore(clock);
			const rules = { failureRateThreshold: 50, minimumNumberOfCalls: 8 };
			const policies = [first, second].map((window) =>
				definePolicy('circuit-breaker', 'service', { ...rules, ...window }),
			);
			const figures = () =>
				store.inspect({ kind: 'circuit-breaker', name: 'service', key: '' })!.figures;
			const kinds: OutcomeKind[] = ['failure', 'success', 'success', 'success', 'success'];
			kinds.push('failure', 'failure');
			for (const [index, kind] of kinds.entries()) {
				const admission = store.admit({
					permitId: `${index}`,
					guards: [guard(policies[index % 2]!)],
					attempt: 1,
					leaseMs: LEASE_MS,
				});
				assert(admission.status === 'granted');
				store.settle(admission.permit, { kind, latencyMs: 0 });
				clock.advance(10);
			}
			expect(figures()).toMatchObject({ calls: 7 });
			expect(figures().failureRate).toBeCloseTo(300 / 7, 5);
			const last = store.admit({
				permitId: 'last',
				guards: [guard(policies[0]!)],
				attempt: 1,
				leaseMs: LEASE_MS,
			});
			assert(last.status === 'granted');
			store.settle(last.permit, { kind: 'failure', latencyMs: 0 });
			expect(store.inspect({ kind: 'circuit-breaker', name: 'service', key: '' })!.state).toBe(
				'open',
			);
		},
	);

	it('drops the oldest calls when it is shared, as soon as the largest window is full', () => {
		const clock = new FakeClock();
		const store = new MemoryPolicyStore(clock);
		const policies = [4, 6].map((slidingWindowSize) =>
			definePolicy('circuit-breaker', 'service', { failureRateThreshold: 100, slidingWindowSize }),
		);
		// The small window is full and has wrapped when the larger one is asked for.
		const kinds: OutcomeKind[] = ['success', 'failure', 'failure', 'success', 'failure', 'success'];
		for (const [index, kind] of [...kinds, ...kinds].entries()) {
			const admission = store.admit({
				permitId: `${index}`,
				guards: [guard(policies[index < 6 ? 0 : 1]!)],
				attempt: 1,
				leaseMs: LEASE_MS,
			});
			assert(admission.status === 'granted');
			store.settle(admission.permit, { kind, latencyMs: 0 });
			const { figures } = store.inspect({ kind: 'circuit-breaker', name: 'service', key: '' })!;
			const size = index < 6 ? 4 : 6;
			// When it grew it had forgotten two already.
			const inWindow = [...kinds, ...kinds].slice(
				index < 6 ? Math.max(0, index - 3) : Math.max(2, index - size + 1),
				index + 1,
			);
			expect(figures).toMatchObject({
				calls: inWindow.length,
				failureRate: (inWindow.filter((each) => each === 'failure').length / inWindow.length) * 100,
			});
		}
	});
});
