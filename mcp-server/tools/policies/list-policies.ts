import { z } from 'zod';

import { count } from '../../../core/health';
import { quoted } from '../../../core/one-line';
import {
	listPolicies as list,
	listTroubledPolicies,
	type ListedPolicy,
	type ListedTrouble,
} from '../../../core/policy-control';
import { POLICY_TROUBLES } from '../../../core/policy-states';
import type { PageRequest } from '../../../core/ports';
import { knownOf } from '../../../core/stack';
import { sharedPolicies, type Services } from '../../services';
import { defineTool } from '../../tool';
import { policyKind } from './policy-schemas';

/** Most states of one policy that are named. */
const MOST_TROUBLES = 20;

export const listPolicies = defineTool({
	name: 'list_policies',
	title: 'List policies',
	description:
		'Lists the resilience policies that steps of workflows use: circuit breakers, rate limiters, bulkheads and the like, who defines each, and where two definitions of one name differ. With onlyTroubled those that turn calls away or let them wait. Use inspect_policy for the live state of one.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({
		onlyTroubled: z
			.boolean()
			.default(false)
			.describe(
				'Only breakers that are not closed, bulkheads that are full, limits and retry budgets that are used up; states under keys too, in turns where they are more than 1,000.',
			),
		cursor: z.string().max(2_000).optional().describe('The nextCursor of the page before.'),
		limit: z.int().min(1).max(100).default(50).describe('Most policies a page.'),
	}),
	output: z.object({
		policies: z.array(
			z.object({
				kind: policyKind,
				name: z.string(),
				options: z.record(z.string(), z.unknown()),
				definedBy: z.array(z.string()),
				conflicts: z.array(z.string()),
				troubles: z
					.array(
						z.object({
							key: z.string().describe('Empty: the state for all calls.'),
							trouble: z.enum(POLICY_TROUBLES),
						}),
					)
					.max(MOST_TROUBLES)
					.optional()
					.describe(`With onlyTroubled: what is out of order, at most ${MOST_TROUBLES} states.`),
			}),
		),
		nextCursor: z.string().optional(),
	}),

	async run({ onlyTroubled, cursor, limit }, _call, services: Services) {
		const request = { after: cursor, limit };
		if (onlyTroubled) return await listTroubled(services, request);
		const { policies, next } = await list(sharedPolicies(services).registry, request);
		return {
			output: { policies, nextCursor: next },
			text:
				policies.length > 0
					? policies.map(lineOf)
					: 'No step has used a policy with shared state yet.',
		};
	},
});

async function listTroubled(services: Services, request: PageRequest) {
	const { registry } = sharedPolicies(services);
	const states = knownOf(await services.health.policyStates());
	const { policies, total, next } = await listTroubledPolicies(registry, states, request);
	const shown = policies.map(({ troubles, ...policy }) => ({
		...policy,
		troubles: troubles.slice(0, MOST_TROUBLES),
	}));
	return {
		output: { policies: shown, nextCursor: next },
		text: [
			total === 0
				? 'No policy turns calls away.'
				: `${count(total, 'policy turns', 'policies turn')} calls away, or let them wait.`,
			...policies.map(troubleLine),
		],
	};
}

const lineOf = ({ kind, name, conflicts }: ListedPolicy): string =>
	`${kind} ${quoted(name)}${conflicts.length > 0 ? ' (defined in different ways)' : ''}`;

function troubleLine({ kind, name, troubles }: ListedTrouble): string {
	const [{ key, trouble }] = troubles as [ListedTrouble['troubles'][number]];
	const more = troubles.length > 1 ? `, and ${troubles.length - 1} more of its states` : '';
	return `- ${kind} ${quoted(name)}${key === '' ? '' : ` for key ${quoted(key)}`}: ${trouble}${more}`;
}
