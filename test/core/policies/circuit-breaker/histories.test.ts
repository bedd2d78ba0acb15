import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import type { OutcomeKind } from '../../../../core/outcome';
import { definePolicy, guard } from '../../../../core/policies/define';
import type { Admission, OverrideAction, Permit } from '../../../../core/ports';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';
import { BreakerOracle } from './breaker-oracle';
import { LEASE_MS } from './set-up';

const threshold = fc.oneof(
	fc.constantFrom(0, 25, 50, 100),
	fc.integer({ min: 1, max: 1_000 }).map((tenths) => tenths / 10),
);

const settings = fc
	.record({
		failureRateThreshold: threshold,
		thresholdStrategy: fc.constantFrom('fixed', 'adaptive'),
		baselineMultiplier: fc.constantFrom(1, 1.5, 2, 3),
		aboveThreshold: fc.constantFrom(0, 10, 100),
		slowCallRateThreshold: threshold,
		consecutiveFailureThreshold: fc.constantFrom(0, 0, 1, 3),
		minimumNumberOfCalls: fc.integer({ min: 1, max: 20 }),
		slidingWindowType: fc.constantFrom('count-based', 'time-based'),
		slidingWindowSize: fc.integer({ min: 1, max: 40 }),
		slidingWindowDurationMs: fc.integer({ min: 10, max: 1_500 }),
		slowCallDurationThresholdMs: fc.constant(100),
		waitDurationInOpenStateMs: fc.integer({ min: 1, max: 200 }),
		waitDurationMultiplier: fc.constantFrom(1, 1.5, 2, 10),
		maxWaitDurationInOpenStateMs: fc.integer({ min: 200, max: 900 }),
		permittedNumberOfCallsInHalfOpenState: fc.integer({ min: 1, max: 5 }),
		idleResetMs: fc.constantFrom(1_000, 5_000),
	})
	.map(({ aboveThreshold, ...others }) => ({
		...others,
		maxFailureRateThreshold: Math.max(
			0.1,
			Math.min(100, Math.round(others.failureRateThreshold * 10 + aboveThreshold * 10) / 10),
		),
	}))
	.filter(
		({ failureRateThreshold, slowCallRateThreshold, consecutiveFailureThreshold }) =>
			failureRateThreshold + slowCallRateThreshold + consecutiveFailureThreshold > 0,
	);

/** So that it learns a baseline soon, and stays closed for long enough to. */
const learning = settings.map((made) => ({
	...made,
	thresholdStrategy: 'adaptive',
	failureRateThreshold: 30,
	baselineMultiplier: 2 * made.baselineMultiplier,
	maxFailureRateThreshold: 80,
	slowCallRateThreshold: 0,
	consecutiveFailureThreshold: 0,
	minimumNumberOfCalls: Math.min(3, made.minimumNumberOfCalls),
	slidingWindowSize: 4 + Math.min(8, made.slidingWindowSize),
	slidingWindowDurationMs: Math.min(800, made.slidingWindowDurationMs),
	idleResetMs: 5_000,
}));

const MIXED: OutcomeKind[] = ['success', 'success', 'failure', 'failure', 'slow', 'ignored'];
const MOSTLY_GOOD: OutcomeKind[] = [...Array<OutcomeKind>(5).fill('success'), 'failure', 'ignored'];

const outcomeOf = (kinds: readonly OutcomeKind[]) =>
	fc.record({
		kind: fc.constantFrom(...kinds),
		latencyMs: fc.constantFrom(0, 50, 99, 100),
	});

type Step =
	| { readonly do: 'call'; readonly child: number }
	| {
			readonly do: 'settle';
			readonly which: number;
			readonly kind: OutcomeKind;
			readonly latencyMs: number;
	  }
	| { readonly do: 'extend' | 'ask again'; readonly which: number }
	| { readonly do: 'wait'; readonly ms: number }
	| { readonly do: 'override'; readonly breaker: number; readonly action: OverrideAction };

const which = fc.nat({ max: 9 });
const stepWith = (kinds: readonly OutcomeKind[]): fc.Arbitrary<Step> =>
	fc.oneof(
		{
			weight: 40,
			arbitrary: fc.record({
				do: fc.constant('call' as const),
				child: fc.constantFrom(0, 0, 0, 1),
			}),
		},
		{
			weight: 36,
			arbitrary: fc
				.tuple(which, outcomeOf(kinds))
				.map(([at, ended]) => ({ do: 'settle' as const, which: at, ...ended })),
		},
		{
			weight: 4,
			arbitrary: fc.record({ do: fc.constantFrom('extend' as const, 'ask again' as const), which }),
		},
		{
			weight: 12,
			arbitrary: fc.record({
				do: fc.constant('wait' as const),
				ms: fc.oneof(
					{ weight: 6, arbitrary: fc.nat({ max: 60 }) },
					{ weight: 3, arbitrary: fc.nat({ max: 400 }) },
					{ weight: 1, arbitrary: fc.constantFrom(999, 1_000, 1_001, 2_000, 5_000) },
				),
			}),
		},
		{
			weight: 1,
			arbitrary: fc.record({
				do: fc.constant('override' as const),
				breaker: fc.nat({ max: 2 }),
				action: fc.constantFrom<OverrideAction[]>('open', 'close', 'isolate', 'reset'),
			}),
		},
	);

describe('circuit breakers', () => {
	it.each([
		['by fixed and adaptive thresholds', settings, MIXED, []],
		['by what is usual', learning, MOSTLY_GOOD, ['adapted'] as const],
	] as const)(
		'do what a naive reading of the rules says, alone and with a parent, %s',
		(_name, made, kinds, further) => {
			const seen = { tripped: 0, probed: 0, stale: 0, adapted: 0 };
			holdsForHistories(
				fc.tuple(made, made),
				stepWith(kinds),
				([childOptions, parentOptions], steps) => {
					const clock = new FakeClock();
					const store = new MemoryPolicyStore(clock);
					const parent = definePolicy('circuit-breaker', 'parent', parentOptions);
					const policies = [
						definePolicy('circuit-breaker', 'child', childOptions),
						definePolicy('circuit-breaker', 'sibling', childOptions),
						parent,
					];
					const oracles = policies.map(({ options }) => new BreakerOracle(options));
					const calls: Array<{
						permit: Permit;
						breakers: number[];
						generations: BreakerOracle['current'][];
					}> = [];
					let nextId = 0;

					const snapshots = () =>
						policies.map(({ kind, name }) => store.inspect({ kind, name, key: '' }));

					const admit = (permitId: string, breakers: number[]) => {
						const before = snapshots();
						const answer = store.admit({
							permitId,
							guards: breakers.map((breaker) => guard(policies[breaker]!)),
							attempt: 1,
							leaseMs: LEASE_MS,
						}) as Exclude<Admission, { status: 'queued' }>;
						const now = clock.now();
						const waits = breakers.map((breaker) => oracles[breaker]!.waitFor(permitId, now));
						const rejecting = waits.findIndex((waitMs) => waitMs > 0);
						if (rejecting >= 0) {
							assert.equal(answer.status, 'rejected');
							assert.equal(answer.by.policy, policies[breakers[rejecting]!]);
							assert.equal(answer.retryAfterMs, waits[rejecting]);
							assert.deepEqual(snapshots(), before);
							return undefined;
						}
						assert.equal(answer.status, 'granted');
						return {
							permit: answer.permit,
							breakers,
							generations: breakers.map((breaker) =>
								oracles[breaker]!.take(permitId, now, LEASE_MS),
							),
						};
					};

					for (const [place, done] of steps.entries()) {
						const now = clock.now();
						const call =
							'which' in done ? calls[done.which % Math.max(1, calls.length)] : undefined;
						switch (done.do) {
							case 'call': {
								const granted = admit(`permit-${nextId++}`, [done.child, 2]);
								if (granted) calls.push(granted);
								break;
							}
							case 'ask again': {
								// The answer to a request was lost, and it is sent again.
								if (
									!call ||
									call.generations.some(
										(from, index) => from !== oracles[call.breakers[index]!]!.current,
									)
								)
									break;
								admit(call.permit.id, call.breakers);
								break;
							}
							case 'settle': {
								if (!call) break;
								calls.splice(calls.indexOf(call), 1);
								const before = snapshots();
								const { kind, latencyMs } = done;
								const holding = store.settle(call.permit, { kind, latencyMs });
								const held = call.breakers.map((breaker, index) =>
									oracles[breaker]!.settle(
										call.permit.id,
										call.generations[index]!,
										kind,
										latencyMs,
										now,
									),
								);
								assert.equal(holding, held.every(Boolean) ? 'held' : 'lost');
								if (!held.some(Boolean)) {
									seen.stale++;
									assert.deepEqual(snapshots(), before);
								}
								const after = snapshots();
								assert.equal(
									store.settle(call.permit, { kind: 'failure', latencyMs: 1_000 }),
									holding,
								);
								assert.deepEqual(snapshots(), after);
								break;
							}
							case 'extend': {
								if (!call) break;
								const holding = store.extend(call.permit, LEASE_MS);
								const held = call.breakers.map((breaker, index) =>
									oracles[breaker]!.extend(call.permit.id, call.generations[index]!, now, LEASE_MS),
								);
								assert.equal(holding, held.every(Boolean) ? 'held' : 'lost');
								break;
							}
							case 'wait':
								clock.advance(done.ms);
								break;
							case 'override':
								store.override(policies[done.breaker]!, '', done.action);
								oracles[done.breaker]!.override(done.action, now);
								break;
						}
						for (const [index, snapshot] of snapshots().entries()) {
							const oracle = oracles[index]!;
							oracle.waitFor('nobody', clock.now());
							const expected = oracle.current;
							assert.equal(snapshot?.state ?? 'closed', expected.state);
							const probes = snapshot?.figures.probesStarted ?? 0;
							assert.equal(probes, oracle.probesStarted);
							assert.ok(probes <= policies[index]!.options.permittedNumberOfCallsInHalfOpenState);
							if (expected.state === 'open') seen.tripped++;
							if (expected.state === 'half-open') seen.probed++;
							// Not at each step: the oracle goes through all that ever happened.
							if (place % 8 !== 0) continue;
							const { failureRateThreshold } = policies[index]!.options;
							const threshold = oracle.threshold(clock.now());
							assert.equal(
								snapshot?.figures.failureRateThreshold ?? failureRateThreshold,
								threshold,
							);
							if (threshold > failureRateThreshold) seen.adapted++;
						}
					}
				},
			);
			// The histories must have been where it matters.
			for (const figure of ['tripped', 'probed', 'stale', ...further] as const)
				expect(seen[figure]).toBeGreaterThan(500);
		},
	);
});
