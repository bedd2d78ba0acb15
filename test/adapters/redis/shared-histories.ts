import fc from 'fast-check';

import { definePolicy } from '../../../core/policies/define';
import type { OverrideAction, PolicyDefinition } from '../../../core/ports';
import {
	key,
	policies,
	policiesInPairs,
	step as ownStep,
	type Step as OwnStep,
} from '../memory/histories';

/** What a store is asked in a history that in-process tests do not ask, or not twice. */
export type Step =
	| (OwnStep & {
			readonly isSentTwice: boolean;
			/** How long a settlement votes on the breaker, in ms; below 0 it takes the vote back. */
			readonly voteMs: number;
	  })
	/** A call that is in a queue asks again. */
	| { readonly do: 'again'; readonly which: number }
	| { readonly do: 'withdraw'; readonly which: number; readonly isUnanswered: boolean }
	/** A settlement comes again, after others have come. */
	| { readonly do: 'settle again'; readonly which: number }
	/** A call that was admitted is not made; it may ask again, unless it never got its answer. */
	| {
			readonly do: 'refund';
			readonly which: number;
			readonly isAskedAgain: boolean;
			readonly isUnanswered: boolean;
	  }
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

/** Each policy has one definition. */
export const plainSetting: fc.Arbitrary<Setting> = fc
	.tuple(policies, queue)
	.map(([made, options]) => {
		const queued = withQueue(made, options);
		return { policies: queued, alternatives: queued };
	});

/** Votes of a worker on the breaker. */
const votesOf = (voter: string, quorum: number): PolicyDefinition =>
	definePolicy('breaker-quorum', 'breaker', {
		quorum,
		waitDurationInOpenStateMs: 300,
		voter,
	});

const withVotes = ({ policies: own, alternatives }: Setting, quorum: number): Setting => ({
	policies: [...own, votesOf('one', quorum)],
	alternatives: [...alternatives, votesOf('other', quorum)],
});

export const setting: fc.Arbitrary<Setting> = fc
	.tuple(
		fc.oneof(
			plainSetting,
			fc.tuple(policiesInPairs, queue, queue).map(([[one, other], first, second]) => ({
				policies: withQueue(one, first),
				alternatives: withQueue(other, second),
			})),
		),
		fc.constantFrom(1, 2),
	)
	.map(([made, quorum]) => withVotes(made, quorum));

const which = fc.nat({ max: 9 });

export const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 24,
		arbitrary: fc
			.tuple(
				ownStep,
				fc.constantFrom(false, false, false, true),
				fc.boolean(),
				fc.constantFrom(0, 0, -1, 200, 2_000),
			)
			.map(([own, isSentTwice, isVotedOn, voteMs]) => ({
				...own,
				...(own.do === 'call' && {
					guarded: [...own.guarded, isVotedOn],
					keys: [...own.keys, own.keys[2]!],
				}),
				isSentTwice,
				voteMs,
			})),
	},
	{ weight: 4, arbitrary: fc.record({ do: fc.constant('again' as const), which }) },
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('withdraw' as const),
			which,
			isUnanswered: fc.boolean(),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('settle again' as const), which }) },
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('refund' as const),
			which,
			isAskedAgain: fc.boolean(),
			isUnanswered: fc.boolean(),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('override' as const),
			policy: fc.nat({ max: 5 }),
			key,
			action: fc.constantFrom<OverrideAction[]>('open', 'close', 'isolate', 'reset', 'reset'),
		}),
	},
);
