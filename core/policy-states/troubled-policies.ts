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
		/** Of breakers: since when, ms since the epoch. */
		readonly since?: number;
	}>;
}

/** Policies that turn calls away or let them wait, by kind and name. */
export function troubledPolicies(states: readonly SeenState[]): readonly TroubledPolicy[] {
	const troubled = states.flatMap(({ policy, key, found }) => {
		const trouble = troubleOf(policy, found);
		if (!trouble) return [];
		const { kind, name } = policy;
		const since = found?.since;
		return [{ kind, name, key, trouble, ...(since !== undefined && { since }) }];
	});
	return [...Map.groupBy(troubled, placeOf)]
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([, some]) => ({
			kind: some[0]!.kind,
			name: some[0]!.name,
			troubles: some.map(({ kind: _kind, name: _name, ...trouble }) => trouble),
		}));
}

/** By which they are sorted. */
export const placeOf = ({ kind, name }: Pick<TroubledPolicy, 'kind' | 'name'>): string =>
	`${kind} ${name}`;
