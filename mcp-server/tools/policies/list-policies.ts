import { z } from 'zod';

import { listPolicies as list } from '../../../core/policy-control';
import { sharedPolicies, type Services } from '../../services';
import { defineTool } from '../../tool';
import { policyKind } from './policy-schemas';

export const listPolicies = defineTool({
	name: 'list_policies',
	title: 'List policies',
	description:
		'Lists the resilience policies that steps of workflows use: circuit breakers, rate limiters, bulkheads and the like, who defines each, and where two definitions of one name differ. Use inspect_policy for the live state of one.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({
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
			}),
		),
		nextCursor: z.string().optional(),
	}),

	async run({ cursor, limit }, _call, services: Services) {
		const { registry } = sharedPolicies(services);
		const { policies, next } = await list(registry, { after: cursor, limit });
		const lines = policies.map(({ kind, name, conflicts }) => {
			const conflict = conflicts.length > 0 ? ' (defined in different ways)' : '';
			return `${kind} "${name}"${conflict}`;
		});
		return {
			output: { policies, nextCursor: next },
			text: lines.join('\n') || 'No step has used a policy with shared state yet.',
		};
	},
});
