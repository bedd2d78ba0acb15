import type { Operation } from '../operation';
import { explainExecution } from './executions/explain-execution';
import { findLost } from './executions/find-lost';
import { planRecovery } from './executions/plan-recovery';
import { auditSchedules } from './health/audit-schedules';
import { getHealth } from './health/get-health';
import { lintConfiguration } from './health/lint-configuration';
import { runSyntheticCheck } from './health/run-synthetic-check';
import { applyPlan } from './plans/apply-plan';
import { getManyPolicies } from './policies/get-many-policies';
import { getPolicy } from './policies/get-policy';
import { planPolicyOverride } from './policies/plan-policy-override';
import { getQueue } from './queue/get-queue';
import { getManyRecoveries } from './recoveries/get-many-recoveries';
import { getManyWorkers } from './workers/get-many-workers';
import { planHealing } from './workers/plan-healing';

/** All operations, by resource and name. */
export const operations: readonly Operation[] = [
	explainExecution,
	findLost,
	planRecovery,
	auditSchedules,
	getHealth,
	lintConfiguration,
	runSyntheticCheck,
	applyPlan,
	getPolicy,
	getManyPolicies,
	planPolicyOverride,
	getQueue,
	getManyRecoveries,
	getManyWorkers,
	planHealing,
];
