export { ExecutionLedger, type ExecutionAccount, type LedgerReport } from './execution-ledger';
export type { Gap } from './gap';
export type { ConfirmedLoss, Evidence, Loss, LostExecution } from './lost-execution';
export { RECOVERY_DEFAULTS, type RecoverySettings } from './recovery-settings';
