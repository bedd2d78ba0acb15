import fc from 'fast-check';

import type { OutcomeKind } from '../../../core/outcome';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission, Guard, PolicyDefinition, PolicySnapshot } from '../../../core/ports';

/** Small and fast, so that a short history meets every edge. */
const settings = fc.record({
	algorithm: fc.constantFrom('gcra', 'sliding-window', 'fixed-window'),
	limit: fc.integer({ min: 1, max: 6 }),
	periodMs: fc.integer({ min: 1, max: 3_000 }),
	burst: fc.integer({ min: 1, max: 6 }),
	reserved: fc.constantFrom(0, 50),
	adaptive: fc.boolean(),
	recoveryMs: fc.constantFrom(500, 2_000),
	windowType: fc.constantFrom('count-based', 'time-based'),
	windowSize: fc.constantFrom(3, 5, 5, 8),
	windowMs: fc.integer({ min: 10, max: 3_000 }),
	consecutive: fc.constantFrom(0, 1, 2),
	thresholdStrategy: fc.constantFrom('fixed', 'adaptive'),
	idleResetMs: fc.constantFrom(1_000, 3_000),
	slots: fc.integer({ min: 1, max: 3 }),
	slotsFound: fc.constantFrom('fixed', 'aimd', 'gradient'),
	ttlMs: fc.integer({ min: 1_000, max: 3_000 }),
	reserve: fc.constantFrom(0, 1),
	recentMs: fc.integer({ min: 1_000, max: 3_000 }),
});

type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

const definitions = (made: Settings): PolicyDefinition[] => [
	definePolicy('rate-limiter', 'limiter', {
		algorithm: made.algorithm,
		limit: made.limit,
		periodMs: made.periodMs,
		burst: made.burst,
		reservedForPriority: made.reserved,
		adaptive: made.adaptive,
		backoffIntervalMs: 100,
		recoveryMs: made.recoveryMs,
	}),
	definePolicy('retry-budget', 'budget', {
		ttlMs: made.ttlMs,
		minRetriesPerSecond: made.reserve,
	}),
	definePolicy('circuit-breaker', 'breaker', {
		slidingWindowType: made.windowType,
		slidingWindowSize: made.windowSize,
		slidingWindowDurationMs: made.windowMs,
		minimumNumberOfCalls: 2,
		failureRateThreshold: 60,
		slowCallDurationThresholdMs: 900,
		thresholdStrategy: made.thresholdStrategy,
		consecutiveFailureThreshold: made.consecutive,
		waitDurationInOpenStateMs: 100,
		waitDurationMultiplier: 2,
		permittedNumberOfCallsInHalfOpenState: 2,
		idleResetMs: made.idleResetMs,
	}),
	definePolicy('bulkhead', 'bulkhead', {
		maxConcurrentCalls: made.slots,
		maxWaitDurationMs: 0,
		strategy: made.slotsFound,
		initialConcurrentCalls: 1,
		slowCallDurationThresholdMs: 2_000,
		idleResetMs: made.idleResetMs,
	}),
	definePolicy('timeout', 'timeout', {
		strategy: 'adaptive',
		minimumNumberOfCalls: 2,
		windowMs: made.recentMs,
	}),
];

/** One of each policy. */
export const policies = settings.map(definitions);

/** Two of each under one name: each has options of its own, which most share their state under. */
export const policiesInPairs = fc.tuple(settings, settings).map(([one, other]) => {
	const { algorithm, periodMs, adaptive, ttlMs } = one;
	const shared = { algorithm, periodMs, adaptive, ttlMs };
	return [definitions(one), definitions({ ...other, ...shared })] as const;
});

export type Step =
	| {
			readonly do: 'call';
			/** Under the options of which of two, where they are in pairs. */
			readonly by?: 0 | 1;
			readonly guarded: readonly boolean[];
			readonly keys: readonly string[];
			readonly weight: number;
			readonly priority: number;
			readonly attempt: number;
			readonly leaseMs: number;
	  }
	| {
			readonly do: 'settle';
			readonly which: number;
			readonly kind: OutcomeKind;
			readonly latencyMs: number;
			readonly throttled: boolean;
	  }
	| { readonly do: 'extend'; readonly which: number }
	| { readonly do: 'wait'; readonly ms: number }
	| { readonly do: 'trip'; readonly key: string };

/** Users choose keys, such that look like parts of a store's own names, too. */
const KEYS = ['', ':calls'] as const;
export const key = fc.constantFrom('', ...KEYS);
const five = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 5, maxLength: 5 });

export const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 10,
		arbitrary: fc.record({
			do: fc.constant('call' as const),
			by: fc.constantFrom<Array<0 | 1>>(0, 1),
			guarded: five(fc.constantFrom(true, true, true, false)),
			keys: five(key),
			weight: fc.constantFrom(1, 1, 1, 2, 7),
			priority: fc.constantFrom(0, 0, 1),
			attempt: fc.constantFrom(1, 1, 2),
			leaseMs: fc.constantFrom(50, 2_000, 20_000),
		}),
	},
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constant('settle' as const),
			which: fc.nat({ max: 9 }),
			kind: fc.constantFrom<OutcomeKind[]>(
				'success',
				'success',
				'failure',
				'failure',
				'slow',
				'ignored',
			),
			latencyMs: fc.nat({ max: 3_000 }),
			throttled: fc.constantFrom(false, false, false, true),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constant('extend' as const), which: fc.nat({ max: 9 }) }),
	},
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.oneof(
				fc.nat({ max: 50 }),
				fc.nat({ max: 400 }),
				fc.nat({ max: 3_500 }),
				fc.constantFrom(100, 999, 1_000, 1_001, 3_000, 20_000),
			),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('trip' as const), key }) },
);

/** What guards a call: those of the policies that the step picked, under its keys. */
export const guardsOf = (
	made: readonly PolicyDefinition[],
	{ guarded, keys, weight, priority }: Extract<Step, { do: 'call' }>,
): Guard[] =>
	made.flatMap((policy, index) =>
		guarded[index] ? [guard(policy, keys[index], weight, priority)] : [],
	);

/** Every state that a history can touch. */
export const addressesOf = (made: readonly PolicyDefinition[]) =>
	made.flatMap(({ kind, name }) => KEYS.map((of) => ({ kind, name, key: of })));

/** All that a caller sees of an answer; a generation's number is the store's own. */
export const seen = (answer: Admission) =>
	answer.status === 'granted'
		? { ...answer, permit: { ...answer.permit, tokens: undefined, settled: undefined } }
		: answer;

export const seenState = (snapshot: PolicySnapshot | undefined) =>
	snapshot && { ...snapshot, figures: { ...snapshot.figures, generation: undefined } };
