import type { Operation } from '../operation';
import { applyPlan } from './plans/apply-plan';
import { getManyPolicies } from './policies/get-many-policies';
import { getPolicy } from './policies/get-policy';
import { planPolicyOverride } from './policies/plan-policy-override';

/** All operations, by resource and name. */
export const operations: readonly Operation[] = [
	applyPlan,
	getPolicy,
	getManyPolicies,
	planPolicyOverride,
];
