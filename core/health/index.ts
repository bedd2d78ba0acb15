export { assess, HEALTH_STATUSES, type Health, type HealthStatus } from './assess';
export {
	ConfigurationCheck,
	type DatedLintReport,
	lintConfiguration,
	MOST_WORKFLOWS,
	N8nSettings,
	productionLimit,
	readLintFacts,
	type LintFinding,
	type LintReport,
} from './config-lint';
export { isKept, keepsSuccesses } from './kept-executions';
export {
	clockFindings,
	COMPONENTS,
	count,
	duration,
	percent,
	rate,
	sinceWords,
	type Component,
	type Finding,
	type PlaybookName,
	type Unknown,
} from './findings';
export {
	AUDIT_VERDICTS,
	auditSchedules,
	type AuditVerdict,
	clockTime,
	MOST_TIMES_TOLD,
	tellAudit,
	type SchedulesPage,
	type WorkflowAudit,
} from './schedule-audit';
export { LastChecks, type EndedAudit, type EndedCheck } from './last-checks';
export type { LostSeen, LostView } from './lost-seen';
export { tellQueue, type Forecast, type QueueOutlook } from './queue-outlook';
export { SEVERITIES, type Severity } from './severity';
export {
	stackClocks,
	StackMonitor,
	type ProcessLoad,
	type StackClocks,
	type StackLook,
	type StackObservation,
} from './stack-monitor';
export { StackHealth, type Checkup } from './stack-health';
export {
	CHECK_PATH,
	CHECK_TAG,
	CHECK_VERDICTS,
	HOPS,
	runSyntheticCheck,
	tellCheck,
	type Hop,
	type HopName,
	type SyntheticReport,
} from './synthetic-check';
export { healthOf, tellFinding, tellHealth, tellUnknown } from './tell-health';
export { severityOf, thresholdsSchema, type Thresholds } from './thresholds';
export { WorkerCensus, type CensusLook } from './worker-census';
export {
	poolTakenFrom,
	PROCESS_STATES,
	tellWorker,
	WORKER_STATES,
	WorkerVerdicts,
	type Evidence,
	type WorkersLook,
	type WorkerState,
	type WorkerVerdict,
} from './worker-verdict';
