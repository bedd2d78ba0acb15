import { BulwarkError } from '../errors';

/** Why a plan is not applied. */
export type PlanRefusal =
	| 'PLAN_UNKNOWN'
	| 'PLAN_USED'
	| 'PLAN_EXPIRED'
	| 'PLAN_STALE'
	| 'PLAN_NOT_ALLOWED'
	| 'PLAN_NOT_CONFIRMED'
	| 'PLAN_EMPTY';

/** A plan was not applied, and nothing was changed. */
export class PlanRefusedError extends BulwarkError {
	constructor(
		readonly code: PlanRefusal,
		message: string,
		remedy: string,
	) {
		super(message, remedy);
	}
}
