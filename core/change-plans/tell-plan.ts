import { isoTime } from '../iso-time';
import type { ChangePlan } from '../ports';

/** A plan as whoever asked for it is told. */
export const tellPlan = ({ id, expiresAt, summary, effect, role, steps }: ChangePlan) => ({
	planId: id,
	expiresAt: isoTime(expiresAt),
	summary,
	effect,
	role,
	steps: [...steps],
});
