import { z } from 'zod';

import type { ChangePlan } from '../../../core/ports';

export const plannedStep = z.object({
	action: z.string(),
	subject: z.string(),
	reason: z.string(),
});

/** What a tool that plans answers. */
export const plannedChange = z.object({
	planId: z.string().describe('For apply_plan. Good once, and until expiresAt.'),
	expiresAt: z.iso.datetime(),
	summary: z.string(),
	effect: z.enum(['repairs', 'destroys']),
	role: z.string().describe('What applying it takes.'),
	steps: z.array(plannedStep),
});

/** A plan as clients are told of it. */
export function answerWith(plan: ChangePlan) {
	const { id, expiresAt, summary, effect, role, steps } = plan;
	const output = {
		planId: id,
		expiresAt: new Date(expiresAt).toISOString(),
		summary,
		effect,
		role,
		steps: [...steps],
	};
	const listed = steps.map(({ action, subject, reason }) => `- ${action} ${subject}: ${reason}`);
	const next =
		steps.length === 0 ? 'There is nothing to apply.' : `Plan ${id}, until ${output.expiresAt}.`;
	return { output, text: [summary, ...listed, next].join('\n') };
}
