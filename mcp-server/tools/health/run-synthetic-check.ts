import { z } from 'zod';

import {
	CHECK_PATH,
	CHECK_TAG,
	CHECK_VERDICTS,
	duration,
	HOPS,
	runSyntheticCheck,
	tellCheck,
	type SyntheticReport,
} from '../../../core/health';
import { quoted } from '../../../core/one-line';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { time } from '../time';

const hopName = z.enum(HOPS);

export const runSyntheticCheckTool = defineTool({
	name: 'run_synthetic_check',
	title: 'Run a synthetic check',
	description: `Runs a workflow end to end by its webhook, at once, and times each hop: called, row created in the database, job enqueued, taken by a worker, started, finished, answered. What could not be seen is said, with the reason. Without workflowId the prebuilt workflow is run, which does nothing (workflows/operations/synthetic-check.json, webhook "${CHECK_PATH}"). Another workflow does what it does, so it is run only where its owner has given it the tag "${CHECK_TAG}". A check that is cancelled or takes too long leaves its execution to n8n.`,
	role: 'operator',
	effect: 'changes',
	input: z.strictObject({
		workflowId: z
			.string()
			.min(1)
			.max(100)
			.optional()
			.describe(
				`Of a published workflow with a webhook and the tag "${CHECK_TAG}". Default: the prebuilt one.`,
			),
		timeoutSeconds: z.int().min(1).max(300).default(30).describe('For all of it.'),
	}),
	output: z.object({
		verdict: z.enum(CHECK_VERDICTS),
		workflowId: z.string().nullable(),
		workflowName: z.string().nullable(),
		executionId: z.string().nullable(),
		worker: z
			.object({ hostId: z.string(), processId: z.int().optional() })
			.nullable()
			.describe('Who ran it.'),
		durationMs: z.number(),
		hops: z.array(
			z.object({
				name: hopName,
				at: time,
				afterMs: z.number().describe('Since the call; below 0 where clocks differ.'),
				tookMs: z.number().describe('Since the hop before, as far as that was seen.'),
				clock: z.string().describe('By whose clock.'),
			}),
		),
		unseen: z.array(z.object({ name: hopName, because: z.string() })),
		problem: z.object({ says: z.string(), remedy: z.string() }).nullable(),
	}),

	async run({ workflowId, timeoutSeconds }, { signal, onProgress }, services: Services) {
		const { stack: sources, clock, newId } = services;
		let seen = 0;
		const report = await runSyntheticCheck(
			{ sources, clock, newId },
			{ workflowId, timeoutMs: timeoutSeconds * 1_000, signal },
			({ name }) => onProgress(++seen, HOPS.length, name),
		);
		services.lastChecks.noteCheck({ report, endedAt: clock.now() });
		return { output: tellCheck(report), text: textOf(report) };
	},
});

function textOf(report: SyntheticReport): string[] {
	const { verdict, workflow, executionId, worker, durationMs, unseen, problem } = report;
	const name = workflow
		? `${quoted(workflow.name)} (${workflow.id})`
		: `The workflow at ${CHECK_PATH}`;
	const execution = executionId === undefined ? '' : `, execution ${executionId}`;
	const ranBy = worker ? `, run by ${worker.hostId}` : '';
	const said = problem ? ` ${problem.says}. ${problem.remedy}.` : '';
	const { hops } = tellCheck(report);
	return [
		`${name} ${verdict} after ${duration(durationMs)}${execution}${ranBy}.${said}`,
		...hops.map(
			({ name: hop, afterMs, tookMs, clock }) =>
				`- ${hop}: after ${afterMs} ms (+${tookMs}), by the clock of ${clock}`,
		),
		...unseen.map(({ name: hop, because }) => `- ${hop}: not seen, ${because}`),
		...(hops.some(({ tookMs }) => tookMs < 0)
			? ['The clocks of these machines differ, so some times are wrong by that.']
			: []),
	];
}
