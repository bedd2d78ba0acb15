export { followRecoveries } from './follow-recoveries';
export { lostToRecover, MOST_AT_ONCE } from './lost-to-recover';
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
export { SILENT_WORKERS, UNSAFE_CHOICES, UNSEEN_RETRIES } from './repair';
export { RepairCrew, type RepairCrewParts, type RepairResult } from './repair-crew';
export { tellExecution } from './tell-execution';
export { tellRecovery } from './tell-recovery';
