import { z } from 'zod';

import { tellExecution } from '../../../core/recovery';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { plannedStep } from '../plans/plan-schemas';
import { executionId, gap, gapLines, lostExecution } from './recovery-schemas';

export const explainExecution = defineTool({
	name: 'explain_execution',
	title: 'Explain an execution',
	description:
		'Says all that is known of one execution: its row, its job and who holds it, which worker reports it, how far its saved data says it came, whether it is lost and by what evidence, and what a recovery would do.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({ executionId }),
	output: z.object({
		executionId: z.string(),
		workflowId: z.string(),
		status: z.string(),
		job: z
			.object({
				id: z.string(),
				state: z.string(),
				heldBy: z.string().optional().describe('The token of the process that holds it.'),
				lockLeftMs: z.int().optional(),
			})
			.nullable(),
		reportedBy: z.string().nullable().describe('Host id of the worker that says it runs it.'),
		lastNode: z.string().nullable(),
		hasInput: z.boolean().nullable().describe('Whether it holds what it would go on with.'),
		lost: lostExecution.nullable(),
		repair: plannedStep.nullable().describe('What plan_recovery would plan.'),
		gaps: z.array(gap),
	}),

	async run({ executionId: id }, { signal }, { recovery }: Services) {
		const output = await tellExecution(recovery, id, signal);
		const { executionId, status, lost, repair, gaps } = output;
		return {
			output,
			text: [
				lost
					? `Execution ${executionId} is lost: ${lost.loss}.`
					: `Execution ${executionId} is ${status}; nothing shows that it is lost.`,
				...(lost?.evidence ?? []).map(({ source, says }) => `- ${source}: ${says}`),
				...(repair ? [`A recovery would ${repair.action}: ${repair.reason}.`] : []),
				...gapLines(gaps),
			],
		};
	},
});
