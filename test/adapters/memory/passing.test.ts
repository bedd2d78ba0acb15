import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../adapters/memory';
import type { OutcomeKind } from '../../../core/outcome';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Guard, Permit } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { holdsForHistories } from '../../support/property';

interface RunningCall {
	readonly permit: Permit;
	/** Under which it passed without being admitted. */
	readonly token: number | undefined;
}

const IDLE_RESET_MS = 1_000;

const step = fc.oneof(
	// Calls with further guards are admitted all the same.
	{
		weight: 10,
		arbitrary: fc.record({
			do: fc.constant('call' as const),
			mayPass: fc.constantFrom(true, true, false),
		}),
	},
	{
		weight: 9,
		arbitrary: fc.record({
			do: fc.constant('settle' as const),
			which: fc.nat({ max: 9 }),
			kind: fc.constantFrom<OutcomeKind[]>('success', 'success', 'failure', 'failure', 'ignored'),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.oneof(fc.nat({ max: 120 }), fc.constantFrom(999, 1_000, 5_000)),
		}),
	},
);

/** Begins a call as a pipeline does: past the guard if it may, else with a permit. */
function begin(store: MemoryPolicyStore, by: Guard, id: string, mayPass: boolean) {
	const token = mayPass ? store.passToken(by) : undefined;
	if (token !== undefined) {
		const permit = { id, guards: [by], tokens: [token], admittedAt: 0, leased: false };
		return { permit: { ...permit, timeoutMs: undefined }, token };
	}
	const admission = store.admit({ permitId: id, guards: [by], attempt: 1, leaseMs: 300 });
	return admission.status === 'granted' ? { permit: admission.permit, token } : undefined;
}

function end(store: MemoryPolicyStore, by: Guard, call: RunningCall, kind: OutcomeKind): void {
	const leftNoTrace =
		kind === 'success' && call.token !== undefined && store.passToken(by) === call.token;
	if (!leftNoTrace) store.settle(call.permit, { kind, latencyMs: 0 });
}

function seen(store: MemoryPolicyStore, by: Guard) {
	const found = store.inspect({ kind: 'circuit-breaker', name: 'breaker', key: '' });
	// What is not remembered is a fresh breaker.
	const { consecutiveFailures = 0, retryAfterMs = 0, probesStarted = 0 } = found?.figures ?? {};
	const state = found?.state ?? 'closed';
	return { by: by.policy.name, state, consecutiveFailures, retryAfterMs, probesStarted };
}

describe('calls that pass without a permit', () => {
	it('leave a breaker as calls with a permit do', () => {
		let passed = 0;
		let opened = 0;
		holdsForHistories(fc.integer({ min: 1, max: 4 }), step, (failuresInARow, steps) => {
			const clock = new FakeClock();
			const by = guard(
				definePolicy('circuit-breaker', 'breaker', {
					consecutiveFailureThreshold: failuresInARow,
					failureRateThreshold: 0,
					slowCallRateThreshold: 0,
					waitDurationInOpenStateMs: 100,
					permittedNumberOfCallsInHalfOpenState: 2,
					idleResetMs: IDLE_RESET_MS,
				}),
			);
			const quick = new MemoryPolicyStore(clock);
			const full = new MemoryPolicyStore(clock);
			const running: Array<{ at: number; quick: RunningCall; full: RunningCall }> = [];
			for (const [index, one] of steps.entries()) {
				if (one.do === 'call') {
					const calls = [
						begin(quick, by, `${index}`, one.mayPass),
						begin(full, by, `${index}`, false),
					];
					assert.equal(calls[0] === undefined, calls[1] === undefined);
					if (calls[0]?.token !== undefined) passed++;
					if (calls[0] && calls[1])
						running.push({ at: clock.now(), quick: calls[0], full: calls[1] });
				} else if (one.do === 'settle') {
					const [call] = running.splice(one.which % Math.max(1, running.length), 1);
					if (call) end(quick, by, call.quick, one.kind);
					if (call) end(full, by, call.full, one.kind);
				} else {
					// A call that outlives the breaker's memory is dropped, unless it passed.
					const oldest = running[0]?.at ?? Infinity;
					if (clock.now() + one.ms - oldest < IDLE_RESET_MS || running.length === 0)
						clock.advance(one.ms);
				}
				// Not at each step, because looking at a breaker counts as use where calls passed.
				if (index % 10 !== 0 && index !== steps.length - 1) continue;
				assert.deepEqual(seen(quick, by), seen(full, by));
				if (seen(quick, by).state === 'open') opened++;
			}
		});
		expect(passed).toBeGreaterThan(5_000);
		expect(opened).toBeGreaterThan(500);
	});
});
