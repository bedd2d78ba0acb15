export {
	chainLine,
	checkChain,
	EMPTY_CHAIN,
	headAfter,
	type ChainCheck,
	type ChainHead,
} from './audit-chain';
export { AuditLogBrokenError } from './audit-log-broken-error';
export type { AuditEvent, AuditOutcome } from './audit-event';
export { forgottenLines, LogCheck } from './whole-log';
export { notedInput } from './noted-input';
export { serverStarted } from './server-started';
export { shallow } from './shallow';
