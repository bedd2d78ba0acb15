import { tellState, type ToldState } from '../policy-states';
import type { PolicyAddress, SharedPolicies } from '../ports';
import { UnknownPolicyError } from './unknown-policy-error';

/** The live state of a policy. */
export interface InspectedPolicy {
	/** Undefined when nothing is remembered, as before the first call. */
	readonly state: (ToldState & { readonly address: PolicyAddress }) | undefined;
	/** Some of the keys under which it has a state. */
	readonly keys: readonly string[];
	readonly hasMoreKeys: boolean;
}

/** @throws {UnknownPolicyError} when nobody defines the policy. */
export async function inspectPolicy(
	{ store, registry, keys }: SharedPolicies,
	address: PolicyAddress,
): Promise<InspectedPolicy> {
	const known = await registry.find(address.kind, address.name);
	if (!known) throw new UnknownPolicyError(address.kind, address.name);
	const [found, page] = await Promise.all([store.inspect(address), keys.keysOf(known.policy)]);
	return {
		state: found && { address, ...tellState(found) },
		keys: page.keys,
		hasMoreKeys: page.next !== undefined,
	};
}
