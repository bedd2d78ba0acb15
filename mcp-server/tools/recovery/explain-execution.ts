import { z } from 'zod';

import { planRepairs, stepOf, UnknownExecutionError } from '../../../core/recovery';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { plannedStep } from '../plans/plan-schemas';
import { executionId, gap, gapLines, lostExecution, lostExecutionOf } from './recovery-schemas';

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
		const account = await recovery.ledger.explain(id, signal);
		if (!account) throw new UnknownExecutionError(id);
		const { row, job, progress, reportedBy, lost, gaps } = account;
		const [planned] = await planRepairs(recovery, lost ? [lost] : [], {
			silentWorkers: 'may live',
			unsafe: 'leave',
		});
		const repair = planned ? stepOf(planned) : null;
		return {
			output: {
				executionId: row.id,
				workflowId: row.workflowId,
				status: row.status,
				job: job
					? {
							id: job.id,
							state: job.state,
							heldBy: job.lock?.owner,
							lockLeftMs: job.lock && Math.round(job.lock.remainingMs),
						}
					: null,
				reportedBy: reportedBy ?? null,
				lastNode: progress?.lastNode ?? null,
				hasInput: progress?.hasInput ?? null,
				lost: lost ? lostExecutionOf(lost) : null,
				repair,
				gaps: [...gaps],
			},
			text: [
				lost
					? `Execution ${row.id} is lost: ${lost.loss}.`
					: `Execution ${row.id} is ${row.status}; nothing shows that it is lost.`,
				...(lost?.evidence ?? []).map(({ source, says }) => `- ${source}: ${says}`),
				...(repair ? [`A recovery would ${repair.action}: ${repair.reason}.`] : []),
				...gapLines(gaps),
			].join('\n'),
		};
	},
});
