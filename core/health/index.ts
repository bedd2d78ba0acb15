export {
	lintConfiguration,
	MOST_WORKFLOWS,
	N8nSettings,
	readLintFacts,
	SEVERITIES,
	type LintFinding,
	type LintReport,
	type LintSeverity,
} from './config-lint';
export { type Forecast, type QueueOutlook } from './queue-outlook';
export {
	StackMonitor,
	type ProcessLoad,
	type StackLook,
	type StackObservation,
} from './stack-monitor';
export {
	mayStillRun,
	poolTakenFrom,
	WorkerVerdicts,
	type Evidence,
	type WorkersLook,
	type WorkerState,
	type WorkerVerdict,
} from './worker-verdict';
