import fc from 'fast-check';

import { definePolicy } from '../../../core/policies/define';
import type { OverrideAction, PolicyDefinition } from '../../../core/ports';
import {
	policies,
	policiesInPairs,
	step as ownStep,
	type Step as OwnStep,
} from '../memory/histories';

/** What a store is asked in a history that in-process tests do not ask, or not twice. */
export type Step =
	| (OwnStep & { readonly isSentTwice: boolean })
	/** A call that is in a queue asks again. */
	| { readonly do: 'again'; readonly which: number }
	| { readonly do: 'withdraw'; readonly which: number }
	/** A call that was admitted is not made; it may ask again. */
	| { readonly do: 'refund'; readonly which: number; readonly isAskedAgain: boolean }
	| {
			readonly do: 'override';
			readonly policy: number;
			readonly key: string;
			readonly action: OverrideAction;
	  };

export interface Setting {
	readonly policies: readonly PolicyDefinition[];
	/** The same by name, which may have other options. */
	readonly alternatives: readonly PolicyDefinition[];
}

const queue = fc.record({
	maxWaitDurationMs: fc.constantFrom(0, 1_000),
	maxQueueSize: fc.integer({ min: 0, max: 3 }),
});

const withQueue = (made: readonly PolicyDefinition[], options: object): PolicyDefinition[] =>
	made.map((policy) =>
		policy.kind === 'bulkhead'
			? definePolicy('bulkhead', policy.name, { ...policy.options, ...options })
			: policy,
	);

export const setting: fc.Arbitrary<Setting> = fc.oneof(
	fc.tuple(policies, queue).map(([made, options]) => {
		const queued = withQueue(made, options);
		return { policies: queued, alternatives: queued };
	}),
	fc.tuple(policiesInPairs, queue, queue).map(([[one, other], first, second]) => ({
		policies: withQueue(one, first),
		alternatives: withQueue(other, second),
	})),
);

const which = fc.nat({ max: 9 });

export const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 24,
		arbitrary: fc
			.tuple(ownStep, fc.constantFrom(false, false, false, true))
			.map(([own, isSentTwice]) => ({ ...own, isSentTwice })),
	},
	{ weight: 4, arbitrary: fc.record({ do: fc.constant('again' as const), which }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which }) },
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('refund' as const),
			which,
			isAskedAgain: fc.boolean(),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('override' as const),
			policy: fc.nat({ max: 4 }),
			key: fc.constantFrom('', '', 'a'),
			action: fc.constantFrom<OverrideAction[]>('open', 'close', 'isolate', 'reset', 'reset'),
		}),
	},
);
