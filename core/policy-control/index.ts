export { inspectPolicy, type InspectedPolicy } from './inspect-policy';
export { listedPolicy, listPolicies, type ListedPolicy } from './list-policies';
export { overridePolicy, UnfitActionError, type OverrideRequest } from './override-policy';
export type { SharedPolicies } from './shared-policies';
export { UnknownPolicyError } from './unknown-policy-error';
