export { AlarmLog, isAlarming, type Alarm } from './alarm-log';
export {
	auditOf,
	expectWholeAudits,
	untilStates,
	whoRuns,
	workersToldBy,
	type AuditEntry,
	type ToldWorker,
} from './replicas';
export { Traffic } from './traffic';
export { callOf, WorkedStack, type Replica, type Workload } from './worked-stack';
