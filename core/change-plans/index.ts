export type { ChangeKind, ChangeReport, OnProgress, Outlook } from './change-kind';
export {
	ChangePlanner,
	PLAN_LIFE_MS,
	type ChangePlannerParts,
	type Confirm,
} from './change-planner';
export { changedBy } from './changed-by';
export { PlanRefusedError, type PlanRefusal } from './plan-refused-error';
export { tellPlan } from './tell-plan';
