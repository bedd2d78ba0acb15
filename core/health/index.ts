export { assess, type Health, type HealthStatus } from './assess';
export {
	ConfigurationCheck,
	type DatedLintReport,
	lintConfiguration,
	MOST_WORKFLOWS,
	N8nSettings,
	readLintFacts,
	SEVERITIES,
	type LintFinding,
	type LintReport,
	type LintSeverity,
} from './config-lint';
export {
	count,
	duration,
	percent,
	rate,
	type Component,
	type Finding,
	type PlaybookName,
	type Unknown,
} from './findings';
export {
	auditSchedules,
	type AuditVerdict,
	clockTime,
	type SchedulesPage,
	type WorkflowAudit,
} from './schedule-audit';
export { tellQueue, type Forecast, type QueueOutlook } from './queue-outlook';
export {
	StackMonitor,
	type ProcessLoad,
	type StackLook,
	type StackObservation,
} from './stack-monitor';
export { StackHealth, type Checkup } from './stack-health';
export {
	CHECK_PATH,
	HOPS,
	runSyntheticCheck,
	type Hop,
	type HopName,
	type SyntheticReport,
} from './synthetic-check';
export { tellFinding, tellHealth, tellUnknown } from './tell-health';
export { severityOf, thresholdsSchema, type Severity, type Thresholds } from './thresholds';
export {
	poolTakenFrom,
	tellWorker,
	WorkerVerdicts,
	type Evidence,
	type WorkersLook,
	type WorkerState,
	type WorkerVerdict,
} from './worker-verdict';
