import { z } from 'zod';

import {
	lintConfiguration,
	MOST_WORKFLOWS,
	readLintFacts,
	SEVERITIES,
	type LintReport,
} from '../../../core/health';
import { modeOf, STACK_MODES } from '../../../core/stack';
import type { Services } from '../../services';
import { defineTool } from '../../tool';

/** The text names so many; the structured content has all. */
const MOST_IN_TEXT = 20;

const severity = z
	.enum(SEVERITIES)
	.describe(
		'critical: loses executions in every-day work, or silently. warning: loses them when something fails. info: makes a loss harder to see or to repair.',
	);

export const lintConfigurationTool = defineTool({
	name: 'lint_configuration',
	title: 'Find settings that lose executions',
	description: `Checks n8n's settings, its Redis, its database, its processes and the settings of its active workflows (the first ${MOST_WORKFLOWS}) for all that is known to lose executions. Each finding says what is lost and how, and which value mends it. Says which checks could not be made, and why.`,
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({}),
	output: z.object({
		mode: z.enum(STACK_MODES),
		settingsOf: z
			.string()
			.nullable()
			.describe('Whose settings were looked at; other processes may have others. Null: of none.'),
		findings: z
			.array(
				z.object({
					id: z.string(),
					severity,
					setting: z.string(),
					value: z.string(),
					loses: z.string(),
					remedy: z.string(),
				}),
			)
			.describe('Worst first.'),
		passed: z.array(z.string()).describe('Checks that found nothing.'),
		unknown: z
			.array(z.object({ id: z.string(), because: z.string() }))
			.describe('Checks that could not be made.'),
	}),

	async run(_input, { signal }, { stack, n8nSettings }: Services) {
		const readings = await readLintFacts(stack, n8nSettings, signal);
		const { mode, findings, passed, unknown } = lintConfiguration(modeOf(stack), readings);
		const settingsOf = n8nSettings?.of ?? null;
		return {
			output: {
				mode,
				settingsOf,
				findings: [...findings],
				passed: [...passed],
				unknown: [...unknown],
			},
			text: textOf({ mode, findings, passed, unknown }, settingsOf),
		};
	},
});

function textOf(
	{ mode, findings, passed, unknown }: LintReport,
	settingsOf: string | null,
): string[] {
	const checked = `${passed.length} checks passed, ${unknown.length} could not be made`;
	const worst = findings[0];
	const lines = findings
		.slice(0, MOST_IN_TEXT)
		.map(
			(found) =>
				`- ${found.severity}: ${found.setting} (${found.value}). ${found.loses} Remedy: ${found.remedy}.`,
		);
	const more = findings.length - lines.length;
	if (more > 0) lines.push(`- and ${more} more`);
	const because = new Set(unknown.map((check) => check.because));
	return [
		worst
			? `${countsOf(findings)}; the worst is ${worst.id}: ${worst.setting} is ${worst.value}. ${checked}.`
			: `Nothing found that loses executions. ${checked}.`,
		...lines,
		...[...because].map((why) => `Not known: ${why}.`),
		...(settingsOf && mode === 'queue'
			? [`Settings are those of ${settingsOf}: other processes of n8n may have others.`]
			: []),
	];
}

function countsOf(findings: LintReport['findings']): string {
	const counts = SEVERITIES.map((wanted) => ({
		wanted,
		count: findings.filter((found) => found.severity === wanted).length,
	}));
	return counts
		.filter(({ count }) => count > 0)
		.map(({ wanted, count }) => `${count} ${wanted}`)
		.join(', ');
}
