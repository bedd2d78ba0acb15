export {
	inspectPolicy,
	MOST_HOLDERS,
	type InspectedPolicy,
	type ToldHolder,
} from './inspect-policy';
export { listPolicies, type ListedPolicy } from './list-policies';
export { listTroubledPolicies, type ListedTrouble } from './list-troubled';
export { overridePolicy, UnfitActionError, type OverrideRequest } from './override-policy';
export { stateOrProblem } from './state-or-problem';
export { UnknownPolicyError } from './unknown-policy-error';
