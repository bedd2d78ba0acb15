import { describeConflict } from '../policy-registry';
import type { PageRequest, PolicyKind, PolicyRegistry, RegisteredPolicy } from '../ports';

/** A policy as people are told of it. */
export interface ListedPolicy {
	readonly kind: PolicyKind;
	readonly name: string;
	readonly options: Record<string, unknown>;
	/** Titles of the places that define it, the newest first. */
	readonly definedBy: string[];
	/** In words. */
	readonly conflicts: string[];
}

/** Which policies steps use, who defines each, and where two definitions of one name differ. */
export async function listPolicies(
	registry: PolicyRegistry,
	request: PageRequest,
): Promise<{ readonly policies: ListedPolicy[]; readonly next: string | undefined }> {
	const page = await registry.list(request);
	return { policies: page.policies.map(listedPolicy), next: page.next };
}

/** A policy as people are told of it. */
export const listedPolicy = ({ policy, entries, conflicts }: RegisteredPolicy): ListedPolicy => ({
	kind: policy.kind,
	name: policy.name,
	options: { ...policy.options },
	definedBy: entries.map(({ by }) => by.title),
	conflicts: conflicts.map(describeConflict),
});
