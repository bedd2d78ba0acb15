import { placeOf, troubledPolicies, type SeenState, type TroubledPolicy } from '../policy-states';
import type { PageRequest, PolicyRegistry } from '../ports';
import { listedPolicy, type ListedPolicy } from './list-policies';

/** A policy that turns calls away or lets them wait, and by which of its states. */
export interface ListedTrouble extends ListedPolicy {
	readonly troubles: TroubledPolicy['troubles'];
}

/** Policies that turn calls away or let them wait, page by page. @param states as they were seen last. */
export async function listTroubledPolicies(
	registry: PolicyRegistry,
	states: readonly SeenState[],
	{ after = '', limit }: PageRequest,
): Promise<{
	readonly policies: readonly ListedTrouble[];
	/** On all pages. */
	readonly total: number;
	readonly next: string | undefined;
}> {
	const all = troubledPolicies(states);
	const left = all.filter((policy) => placeOf(policy) > after);
	const page = left.slice(0, limit);
	const found = await Promise.all(
		page.map(async ({ kind, name, troubles }) => {
			const known = await registry.find(kind, name);
			return known ? [{ ...listedPolicy(known), troubles }] : [];
		}),
	);
	const next = left.length > limit ? placeOf(page.at(-1)!) : undefined;
	return { policies: found.flat(), total: all.length, next };
}
