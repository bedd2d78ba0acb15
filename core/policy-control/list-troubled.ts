import { isoTime } from '../iso-time';
import { placeOf, troubledPolicies, type SeenState, type TroubledPolicy } from '../policy-states';
import type { PageRequest, PolicyRegistry } from '../ports';
import { listedPolicy, type ListedPolicy } from './list-policies';

/** A policy that turns calls away or lets them wait, and by which of its states. */
export interface ListedTrouble extends ListedPolicy {
	readonly troubles: ReadonlyArray<
		Omit<TroubledPolicy['troubles'][number], 'since'> & {
			/** Of breakers: since when, ISO 8601. */
			readonly since?: string;
		}
	>;
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
			return known ? [{ ...listedPolicy(known), troubles: troubles.map(told) }] : [];
		}),
	);
	const next = left.length > limit ? placeOf(page.at(-1)!) : undefined;
	return { policies: found.flat(), total: all.length, next };
}

const told = ({
	since,
	...trouble
}: TroubledPolicy['troubles'][number]): ListedTrouble['troubles'][number] => ({
	...trouble,
	...(since !== undefined && { since: isoTime(since) }),
});
