export { findAll } from './candidate-rows';
export { ExecutionLedger, type ExecutionAccount, type LedgerReport } from './execution-ledger';
export { hidingGap, type Gap } from './gap';
export {
	fingerprintOf,
	LOSSES,
	type ConfirmedLoss,
	type Evidence,
	type Loss,
	type LostExecution,
} from './lost-execution';
export { LostSurvey } from './lost-survey';
export { leftToParent } from './sub-executions';
export { tellLoss } from './tell-loss';
export { UnknownExecutionError } from './unknown-execution';
