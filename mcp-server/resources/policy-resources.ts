import { inspectPolicy, UnknownPolicyError } from '../../core/policy-control';
import { policyNames } from '../policy-names';
import type { ResourceKind } from '../resource';
import { sharedPolicies, type Services } from '../services';
import { policyKind } from '../tools/policies/policy-schemas';

export const policyResources: ResourceKind<Services> = {
	name: 'policies',
	title: 'Policies',
	description: 'The live state of a policy, as all workers share it. list_policies names them all.',
	uriTemplate: 'bulwark://policies/{kind}/{name}',
	mimeType: 'application/json',

	complete: {
		kind: (begun) => Promise.resolve(policyKind.options.filter((kind) => kind.startsWith(begun))),
		name: async (begun, { kind }, services) => {
			const known = policyKind.safeParse(kind);
			return known.success ? await policyNames(known.data, begun, services) : [];
		},
	},

	async read({ kind, name = '' }, services) {
		const known = policyKind.safeParse(kind);
		if (!known.success) return undefined;
		const address = { kind: known.data, name, key: '' };
		try {
			const { state, holders, keys, hasMoreKeys } = await inspectPolicy(
				sharedPolicies(services),
				address,
			);
			return JSON.stringify({ state, holders, keys, hasMoreKeys }, null, '\t');
		} catch (error) {
			if (error instanceof UnknownPolicyError) return undefined;
			throw error;
		}
	},
};
