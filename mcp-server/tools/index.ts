import type { Services } from '../services';
import type { Tool } from '../tool';
import {
	auditSchedulesTool,
	getHealth,
	getQueue,
	lintConfigurationTool,
	listWorkers,
	runSyntheticCheckTool,
} from './health';
import { applyPlan } from './plans/apply-plan';
import { explainExecution } from './recovery/explain-execution';
import { findLostExecutions } from './recovery/find-lost-executions';
import { inspectPolicy } from './policies/inspect-policy';
import { listPolicies } from './policies/list-policies';
import { planPolicyOverride } from './policies/plan-policy-override';
import { listRecoveries } from './recovery/list-recoveries';
import { planRecovery } from './recovery/plan-recovery';
import { planWorkerHealing } from './recovery/plan-worker-healing';

/** All tools, by name, so that clients get them in the same order each time. */
export const tools: ReadonlyArray<Tool<Services>> = [
	applyPlan,
	auditSchedulesTool,
	explainExecution,
	findLostExecutions,
	getHealth,
	getQueue,
	inspectPolicy,
	lintConfigurationTool,
	listPolicies,
	listRecoveries,
	listWorkers,
	planPolicyOverride,
	planRecovery,
	planWorkerHealing,
	runSyntheticCheckTool,
];
