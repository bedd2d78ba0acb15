import { z } from 'zod';

import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { plannedStep } from './plan-schemas';

export const applyPlan = defineTool({
	name: 'apply_plan',
	title: 'Apply a plan',
	description:
		'Does what a plan says: once, within five minutes of its making, while what it was made from is still so, and after the user has confirmed it.',
	role: 'operator',
	effect: 'changes',
	input: z.strictObject({
		planId: z.string().min(1).max(200).describe('As the tool that planned gave it.'),
	}),
	output: z.object({
		summary: z.string(),
		steps: z.array(
			plannedStep.extend({
				outcome: z.enum(['done', 'failed', 'left']),
				detail: z.string().optional(),
			}),
		),
	}),

	async run({ planId }, { who, confirm, signal, onProgress }, { planner }: Services) {
		const { report } = await planner.apply(planId, who, confirm, signal, onProgress);
		const lines = report.steps.map(
			({ outcome, action, subject, detail }) =>
				`- ${outcome}: ${action} ${subject}${detail ? `, ${detail}` : ''}`,
		);
		return {
			output: { summary: report.summary, steps: [...report.steps] },
			text: [report.summary, ...lines],
		};
	},
});
