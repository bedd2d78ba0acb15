import { BulwarkError } from '../core/errors';
import type { PolicyKind } from '../core/ports';
import { sharedPolicies, type Services } from './services';

/** Names of policies that begin with a text. None where they cannot be looked up: nobody is told there are none. */
export async function policyNames(
	kind: PolicyKind,
	begun: string,
	services: Services,
): Promise<readonly string[]> {
	try {
		const names = await sharedPolicies(services).registry.names(kind);
		return names.filter((name) => name.startsWith(begun));
	} catch (error) {
		if (error instanceof BulwarkError) return [];
		throw error;
	}
}
