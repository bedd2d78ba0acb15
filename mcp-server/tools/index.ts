import type { Services } from '../services';
import type { Tool } from '../tool';
import { lintConfigurationTool } from './health/lint-configuration';
import { applyPlan } from './plans/apply-plan';
import { inspectPolicy } from './policies/inspect-policy';
import { listPolicies } from './policies/list-policies';
import { planPolicyOverride } from './policies/plan-policy-override';

/** All tools, by name, so that clients get them in the same order each time. */
export const tools: ReadonlyArray<Tool<Services>> = [
	applyPlan,
	inspectPolicy,
	lintConfigurationTool,
	listPolicies,
	planPolicyOverride,
];
