import { isoTime } from '../iso-time';
import { tellState, type ToldState } from '../policy-states';
import type { PolicyAddress, PolicyDefinition, PolicyKeys, SharedPolicies } from '../ports';
import { makerOf, type IdMaker } from '../process-id';
import { UnknownPolicyError } from './unknown-policy-error';

/** Holders of a bulkhead that are told. */
export const MOST_HOLDERS = 100;

/** Keys that make a page, unless it is the last. It has more where the store gives more at a time. */
const KEYS_A_PAGE = 100;

/** How often a store is asked for one page: Redis goes through 1,000 of all its keys each time. */
const MOST_ASKED = 50;

/** Who holds a slot of a bulkhead. */
export interface ToldHolder extends Partial<IdMaker> {
	readonly permitId: string;
	/** When the slot comes free unless its lease is renewed, as the process does while the call is under way; ISO 8601. */
	readonly leaseUntil: string;
}

/** The live state of a policy. */
export interface InspectedPolicy {
	/** Undefined when nothing is remembered, as before the first call. */
	readonly state: (ToldState & { readonly address: PolicyAddress }) | undefined;
	/** Of a bulkhead: the holders whose leases end first, {@link MOST_HOLDERS} at most. */
	readonly holders?: readonly ToldHolder[];
	/** Keys under which it has a state. */
	readonly keys: readonly string[];
	readonly hasMoreKeys: boolean;
	/** What to ask for the next keys with; undefined on the last page. A page may be empty though others follow. */
	readonly nextKeys: string | undefined;
}

/**
 * @param after the `nextKeys` of the page before; undefined for the first.
 * @throws {UnknownPolicyError} when nobody defines the policy.
 */
export async function inspectPolicy(
	{ store, registry, keys }: SharedPolicies,
	address: PolicyAddress,
	after?: string,
): Promise<InspectedPolicy> {
	const known = await registry.find(address.kind, address.name);
	if (!known) throw new UnknownPolicyError(address.kind, address.name);
	const { policy } = known;
	const [found, page, holders] = await Promise.all([
		store.inspect(address),
		pageOf(keys, policy, after),
		policy.kind === 'bulkhead' ? keys.holdersOf(policy, address.key, MOST_HOLDERS) : undefined,
	]);
	return {
		state: found && { address, ...tellState(found) },
		...(holders && {
			holders: holders.map(({ permitId, leaseUntil }) => ({
				permitId,
				...makerOf(permitId),
				leaseUntil: isoTime(leaseUntil),
			})),
		}),
		keys: [...page.keys],
		hasMoreKeys: page.next !== undefined,
		nextKeys: page.next,
	};
}

async function pageOf(
	keys: PolicyKeys,
	policy: PolicyDefinition,
	after: string | undefined,
): Promise<{ readonly keys: ReadonlySet<string>; readonly next: string | undefined }> {
	const found = new Set<string>();
	let next = after;
	for (let asked = 0; asked < MOST_ASKED; asked++) {
		const page = await keys.keysOf(policy, next);
		for (const key of page.keys) found.add(key);
		({ next } = page);
		if (next === undefined || found.size >= KEYS_A_PAGE) break;
	}
	return { keys: found, next };
}
