import type { ChangePlan } from '../ports';

/** A plan as whoever asked for it is told. */
export const tellPlan = ({ id, expiresAt, summary, effect, role, steps }: ChangePlan) => ({
	planId: id,
	expiresAt: new Date(expiresAt).toISOString(),
	summary,
	effect,
	role,
	steps: [...steps],
});
