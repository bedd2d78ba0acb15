import { z } from 'zod';

import { count } from '../../../core/health';
import { quoted } from '../../../core/one-line';
import {
	listPolicies as list,
	listTroubledPolicies,
	type ListedPolicy,
	type ListedTrouble,
} from '../../../core/policy-control';
import { POLICY_TROUBLES, titleOf, type PolicyLook } from '../../../core/policy-states';
import type { PageRequest } from '../../../core/ports';
import { knownOf } from '../../../core/stack';
import { sharedPolicies, type Services } from '../../services';
import { defineTool } from '../../tool';
import { cursor, Pages } from '../pages';
import { time } from '../time';
import { policyKind, SINCE } from './policy-schemas';

/** Most states of one policy that are named. */
const MOST_TROUBLES = 20;

/** Most states that are named of those that cannot be read. */
const MOST_UNREAD = 5;

/** By kind and name, each in its own way. */
const pages = new Pages('policies', /^[a-z-]+:./s);
const troubledPages = new Pages('policies in trouble', /^[a-z-]+ ./s);

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
				'Only breakers that are not closed, bulkheads that are full, limits and retry budgets that are used up; states under keys too: first those that turned calls away within the last hour, the others in turns where they are more than 1,000.',
			),
		cursor,
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
							since: time.optional().describe(SINCE),
						}),
					)
					.max(MOST_TROUBLES)
					.optional()
					.describe(`With onlyTroubled: what is out of order, at most ${MOST_TROUBLES} states.`),
			}),
		),
		nextCursor: z.string().optional(),
	}),

	async run({ onlyTroubled, cursor: given, limit }, { holdsSecret }, services: Services) {
		const { registry } = sharedPolicies(services);
		if (onlyTroubled) {
			const after = troubledPages.after(given);
			const look = knownOf(await services.health.allPolicyStates());
			const some = async (request: PageRequest) =>
				await listTroubledPolicies(registry, look.states, request);
			return troubledAnswer(await wholePage(some, { after, limit }, holdsSecret), look);
		}
		const after = pages.after(given);
		const some = async (request: PageRequest) => await list(registry, request);
		const { policies, next } = await wholePage(some, { after, limit }, holdsSecret);
		return {
			output: { policies, nextCursor: pages.next(next) },
			text:
				policies.length > 0
					? policies.map(lineOf)
					: after === undefined
						? 'No step has used a policy with shared state yet.'
						: 'There are no more policies.',
		};
	},
});

/** A page that would end at a name with a secret goes on behind it: a cursor tells where its page ends. */
async function wholePage<Page extends { policies: readonly unknown[]; next: string | undefined }>(
	some: (request: PageRequest) => Promise<Page>,
	request: PageRequest,
	holdsSecret: (text: string) => boolean,
): Promise<Page> {
	const page = await some(request);
	if (page.next === undefined || !holdsSecret(page.next)) return page;
	const rest = await wholePage(some, { ...request, after: page.next }, holdsSecret);
	return { ...rest, policies: [...page.policies, ...rest.policies] };
}

/** Says also what nothing is known of, as where Redis is slow or holds very much. */
function troubledAnswer(
	{ policies, total, next }: Awaited<ReturnType<typeof listTroubledPolicies>>,
	{ unread, unseen, areKeysFound }: Omit<PolicyLook, 'states'>,
) {
	const shown = policies.map(({ troubles, ...policy }) => ({
		...policy,
		troubles: troubles.slice(0, MOST_TROUBLES),
	}));
	return {
		output: { policies: shown, nextCursor: troubledPages.next(next) },
		text: [
			total === 0
				? 'No policy turns calls away.'
				: `${count(total, 'policy turns', 'policies turn')} calls away, or let them wait.`,
			...unread
				.slice(0, MOST_UNREAD)
				.map(
					(one) => `Not known of the ${titleOf(one)}: ${one.error.message}. ${one.error.remedy}.`,
				),
			...(unread.length > MOST_UNREAD
				? [`Nor of ${unread.length - MOST_UNREAD} more that cannot be read.`]
				: []),
			...(unseen > 0
				? [`Not looked at yet: ${count(unseen, 'more policy', 'more policies')}.`]
				: []),
			...(areKeysFound
				? []
				: ['Not all states under keys are found yet: those that turned calls away lately are.']),
			...policies.map(troubleLine),
		],
	};
}

const lineOf = ({ kind, name, conflicts }: ListedPolicy): string =>
	`${kind} ${quoted(name)}${conflicts.length > 0 ? ' (defined in different ways)' : ''}`;

function troubleLine({ kind, name, troubles }: ListedTrouble): string {
	const [{ key, trouble, since }] = troubles as [ListedTrouble['troubles'][number]];
	const more = troubles.length > 1 ? `, and ${troubles.length - 1} more of its states` : '';
	return `- ${kind} ${quoted(name)}${key === '' ? '' : ` for key ${quoted(key)}`}: ${trouble}${since ? ` since ${since}` : ''}${more}`;
}
