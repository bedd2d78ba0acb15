import type { PolicyKind } from '../ports';
import type { SeenState } from './policy-states';
import { troubleOf, type PolicyTrouble } from './trouble-of';

/** A policy of which some state is out of order. */
export interface TroubledPolicy {
	readonly kind: PolicyKind;
	readonly name: string;
	readonly troubles: ReadonlyArray<{
		/** Empty: the state for all calls. */
		readonly key: string;
		readonly trouble: PolicyTrouble;
	}>;
}

/** Policies that turn calls away or let them wait, by kind and name. */
export function troubledPolicies(states: readonly SeenState[]): readonly TroubledPolicy[] {
	const troubled = states.flatMap(({ policy, key, found }) => {
		const trouble = troubleOf(policy, found);
		return trouble ? [{ kind: policy.kind, name: policy.name, key, trouble }] : [];
	});
	return [...Map.groupBy(troubled, placeOf)]
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([, some]) => ({
			kind: some[0]!.kind,
			name: some[0]!.name,
			troubles: some.map(({ key, trouble }) => ({ key, trouble })),
		}));
}

/** By which they are sorted. */
export const placeOf = ({ kind, name }: Pick<TroubledPolicy, 'kind' | 'name'>): string =>
	`${kind} ${name}`;
