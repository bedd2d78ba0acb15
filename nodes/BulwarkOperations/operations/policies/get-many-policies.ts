import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import { toggle } from '../../../../core/options';
import {
	listPolicies,
	listTroubledPolicies,
	stateOrProblem,
	type ListedPolicy,
} from '../../../../core/policy-control';
import type { PageRequest } from '../../../../core/ports';
import { knownOf } from '../../../../core/stack';
import { propertiesOf } from '../../../shared/description';
import type { Stack } from '../../../shared/stack';
import { anyOrOne } from '../../any-or-one';
import { inPages } from '../../in-pages';
import { limitProperties, readLimit } from '../../limit';
import type { Operation } from '../../operation';
import { KINDS, kindTitle } from './policy-properties';

const filterOptions = z.strictObject({
	onlyTroubled: toggle(false, {
		title: 'Only Troubled',
		description:
			'Whether to list only breakers that are not closed, bulkheads that are full, and limits and retry budgets that are used up, under keys too',
	}),
});

const POLICIES_A_PAGE = 100;

const ofKind = anyOrOne(
	{ displayName: 'Kind', name: 'onlyKind', description: 'Only policies of this kind' },
	KINDS,
	kindTitle,
);

export const getManyPolicies: Operation = {
	resource: 'policy',
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many policies',
	description: 'List the policies that steps of workflows use, and the state of each',
	properties: [ofKind.property, ...propertiesOf(filterOptions), ...limitProperties],

	async run({ parameters, stack, signal }) {
		const kind = ofKind.read(parameters);
		const { onlyTroubled } = parameters.options(filterOptions);
		const list = onlyTroubled ? listTroubled : listAll;
		return await inPages(readLimit(parameters), POLICIES_A_PAGE, signal, async (most, after) => {
			const { policies, next } = await list(stack, { after, limit: POLICIES_A_PAGE });
			const wanted = policies.filter((policy) => kind === undefined || policy.kind === kind);
			const items = wanted.slice(0, most).map((policy) => withState(policy, stack));
			return { items: await Promise.all(items), next };
		});
	},
};

const listAll = async ({ policies }: Stack, request: PageRequest) =>
	await listPolicies(policies.registry, request);

async function listTroubled({ policies, health }: Stack, request: PageRequest) {
	const { states } = knownOf(await health.allPolicyStates());
	return await listTroubledPolicies(policies.registry, states, request);
}

/** With the state that all calls share; those under keys are many. */
async function withState(policy: ListedPolicy, { policies }: Stack): Promise<IDataObject> {
	const { kind, name, ...rest } = policy;
	const { told, problem } = await stateOrProblem(policies.store, { kind, name, key: '' });
	return {
		kind,
		name,
		state: told?.state ?? null,
		since: told?.since ?? null,
		figures: { ...told?.figures },
		...(problem !== undefined && { problem }),
		...rest,
		options: rest.options as IDataObject,
	};
}
