import { z } from 'zod';

import {
	COMPONENTS,
	count,
	healthOf,
	tellFinding,
	tellHealth,
	type Health,
} from '../../../core/health';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { time } from '../time';
import { finding, findingLines, status, unknown, unknownLines } from './health-schemas';

/** Most findings that an answer holds; the worst come first. */
const MOST_FINDINGS = 100;

export const getHealth = defineTool({
	name: 'get_health',
	title: 'Get health',
	description:
		'Tells whether n8n and all that it needs is healthy, and if not, why: main processes, workers, queue, Redis, database, executions, resilience policies, and settings that lose executions. Names each cause with its evidence and remedy, and says what is not known because a source is missing. Use list_workers, get_queue, list_policies and lint_configuration for details.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({
		component: z.enum(COMPONENTS).optional().describe('Only findings of this one.'),
	}),
	output: z.object({
		status,
		at: time,
		components: z.array(z.object({ component: z.enum(COMPONENTS), status })),
		findings: z.array(finding).describe(`The worst first, at most ${MOST_FINDINGS}.`),
		findingsInAll: z.int(),
		unknowns: z.array(unknown).describe('Sources that say nothing, and what follows.'),
		configuration: z
			.object({
				critical: z.int(),
				warning: z.int(),
				info: z.int(),
				notChecked: z.int(),
				at: time.describe('When it was checked: at most every ten minutes.'),
			})
			.describe('How many settings lose executions, as lint_configuration finds them.'),
	}),

	async run({ component }, _call, { health: stack }: Services) {
		const health = healthOf((await stack.check()).health, component);
		const { status: is, findings } = health;
		return {
			output: {
				...tellHealth(health),
				findings: findings.slice(0, MOST_FINDINGS).map(tellFinding),
				findingsInAll: findings.length,
			},
			text: [
				firstLine(component ?? 'n8n and what it needs', is, findings.length),
				...findings.slice(0, 10).flatMap(findingLines),
				...(findings.length > 10 ? [`- and ${findings.length - 10} more`] : []),
				...notKnownLines(health),
			],
		};
	},
});

function firstLine(what: string, is: Health['status'], findings: number): string {
	if (is === 'unknown') return `Whether ${what} is healthy is not known.`;
	const found = findings === 0 ? '' : `, with ${count(findings, 'finding')}`;
	return `${what} is ${is}${found}.`;
}

const notKnownLines = ({ unknowns }: Health): string[] =>
	unknowns.length === 0 ? [] : ['Not known:', ...unknownLines(unknowns)];
