export { ExecutionLedger, type ExecutionAccount, type LedgerReport } from './execution-ledger';
export { followRecoveries } from './follow-recoveries';
export { hidingGap, type Gap } from './gap';
export {
	AmbiguousWorkerError,
	HEAL_WORKER,
	healWorker,
	UnknownWorkerError,
	type HealWorkerParts,
	type HealWorkerRequest,
} from './heal-worker';
export {
	LOSSES,
	type ConfirmedLoss,
	type Evidence,
	type Loss,
	type LostExecution,
} from './lost-execution';
export {
	planRepairs,
	type PlannedRepair,
	type RecoveryParts,
	type RepairChoices,
} from './plan-repairs';
export {
	RECOVER_EXECUTIONS,
	recoverExecutions,
	stepOf,
	type RecoverRequest,
} from './recover-executions';
export { RECOVERY_DEFAULTS, type RecoverySettings } from './recovery-settings';
export { SILENT_WORKERS, UNSAFE_CHOICES, UNSEEN_RETRIES } from './repair';
export { RepairCrew, type RepairCrewParts, type RepairResult } from './repair-crew';
export {
	RecoveryWatch,
	type RecoveryWatchParts,
	type WatchLease,
	type WatchSettings,
} from './recovery-watch';
export { LostSurvey } from './lost-survey';
export { lostToRecover, MOST_AT_ONCE } from './lost-to-recover';
export { tellExecution } from './tell-execution';
export { tellLoss } from './tell-loss';
export { tellRecovery } from './tell-recovery';
export { UnknownExecutionError } from './unknown-execution';
