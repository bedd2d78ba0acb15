import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import type { OutcomeKind } from '../../../../core/outcome';
import { definePolicy, guard } from '../../../../core/policies/define';
import type { Admission, OverrideAction, Permit } from '../../../../core/ports';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';
import { BreakerOracle } from './breaker-oracle';

const LEASE_MS = 300;

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

describe('a circuit breaker', () => {
	const setUp = (options: Record<string, unknown>) => {
		const clock = new FakeClock();
		const store = new MemoryPolicyStore(clock);
		const policy = definePolicy('circuit-breaker', 'service', options);
		let nextId = 0;
		const admit = () =>
			store.admit({
				permitId: `${nextId++}`,
				guards: [guard(policy)],
				attempt: 1,
				leaseMs: LEASE_MS,
			});
		const call = (kind: OutcomeKind, latencyMs = 0) => {
			const admission = admit();
			if (admission.status === 'granted') store.settle(admission.permit, { kind, latencyMs });
			return admission.status;
		};
		const state = () => store.inspect({ kind: 'circuit-breaker', name: 'service', key: '' })?.state;
		return { clock, store, policy, admit, call, state };
	};

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

	describe('with an adaptive threshold', () => {
		const adaptive = {
			thresholdStrategy: 'adaptive',
			failureRateThreshold: 25,
			slidingWindowSize: 20,
			minimumNumberOfCalls: 20,
		};
		const threshold = ({ store }: ReturnType<typeof setUp>) =>
			store.inspect({ kind: 'circuit-breaker', name: 'service', key: '' })!.figures
				.failureRateThreshold;
		/** Calls of which one in `every` fails. */
		const callSome = ({ call }: ReturnType<typeof setUp>, calls: number, every: number) => {
			for (let index = 1; index <= calls; index++)
				call(index % every === 0 ? 'failure' : 'success');
		};

		it('does not open at failures that are usual, once it knows them', () => {
			const breaker = setUp(adaptive);
			// One in five, so that the first calls do not open it.
			callSome(breaker, 220, 5);
			expect(threshold(breaker)).toBeCloseTo(40, 5);
			callSome(breaker, 60, 3);
			expect(breaker.state()).toBe('closed');
			callSome(breaker, 20, 2);
			expect(breaker.state()).toBe('open');
		});

		it('goes by the threshold as it is set until it knows ten times the calls it needs', () => {
			const breaker = setUp(adaptive);
			callSome(breaker, 215, 5);
			expect(threshold(breaker)).toBe(25);
			callSome(breaker, 5, 5);
			expect(threshold(breaker)).toBeGreaterThan(25);
		});

		it('learns nothing from the calls that opened it, nor while it is not closed', () => {
			const breaker = setUp({ ...adaptive, waitDurationInOpenStateMs: 100 });
			callSome(breaker, 400, 5);
			// All that leaves the window until it opens is usual: one in five of the next twenty calls.
			let made = 0;
			while (breaker.state() === 'closed') made += Number(breaker.call('failure') === 'granted');
			expect(made).toBeLessThan(10);
			const opened = threshold(breaker)!;
			expect(Math.abs(opened - 40)).toBeLessThan(1);
			breaker.clock.advance(100);
			for (let probe = 0; probe < 3; probe++) breaker.call('success');
			expect(breaker.state()).toBe('closed');
			expect(threshold(breaker)).toBe(opened);
		});

		it('stays between the threshold and the highest one', () => {
			const breaker = setUp({ ...adaptive, maxFailureRateThreshold: 30 });
			callSome(breaker, 400, 5);
			expect(threshold(breaker)).toBe(30);
			const spotless = setUp(adaptive);
			callSome(spotless, 400, 1_000);
			expect(threshold(spotless)).toBe(25);
		});

		it('forgets what is usual when it is reset, and when nobody calls for long', () => {
			const breaker = setUp({ ...adaptive, idleResetMs: 3_000 });
			callSome(breaker, 400, 5);
			breaker.store.override(breaker.policy, '', 'close');
			expect(threshold(breaker)).toBeCloseTo(40, 0);
			breaker.store.override(breaker.policy, '', 'reset');
			expect(threshold(breaker)).toBe(25);
			callSome(breaker, 400, 5);
			breaker.clock.advance(3_000);
			breaker.call('success');
			expect(threshold(breaker)).toBe(25);
		});
	});
});
