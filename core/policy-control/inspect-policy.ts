import type { PolicyAddress, PolicySnapshot, SharedPolicies } from '../ports';
import { UnknownPolicyError } from './unknown-policy-error';

/** The live state of a policy. */
export interface InspectedPolicy {
	/** Undefined when nothing is remembered, as before the first call. */
	readonly state: PolicySnapshot | undefined;
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
	const [state, page] = await Promise.all([store.inspect(address), keys.keysOf(known.policy)]);
	return { state, keys: page.keys, hasMoreKeys: page.next !== undefined };
}
