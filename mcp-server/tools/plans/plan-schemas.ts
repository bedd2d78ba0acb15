import { z } from 'zod';

import { changedBy, tellPlan } from '../../../core/change-plans';
import type { ChangePlan } from '../../../core/ports';
import { time } from '../time';

export const plannedStep = z.object({
	action: z.string(),
	subject: z.string(),
	reason: z.string(),
});

/** What a tool that plans answers. */
export const plannedChange = z.object({
	planId: z.string().describe('For apply_plan. Good once, and until expiresAt.'),
	expiresAt: time,
	summary: z.string(),
	effect: z.enum(['repairs', 'destroys']),
	role: z.string().describe('What applying it takes.'),
	steps: z.array(plannedStep),
});

/** A plan as clients are told of it. */
export function answerWith(plan: ChangePlan) {
	const output = tellPlan(plan);
	const { planId, expiresAt, summary, steps } = output;
	const listed = steps.map(({ action, subject, reason }) => `- ${action} ${subject}: ${reason}`);
	const next =
		changedBy(steps).length === 0
			? 'There is nothing to apply.'
			: `Plan ${planId}, until ${expiresAt}.`;
	return { output, text: [summary, ...listed, next] };
}
