export { clockFindings } from './clock-findings';
export { configurationFindings } from './configuration-findings';
export { databaseFindings } from './database-findings';
export { executionFindings } from './execution-findings';
export { COMPONENTS, type Component, type Finding, type PlaybookName } from './finding';
export { lostFindings } from './lost-findings';
export { policyFindings } from './policy-findings';
export { isThere, processFindings } from './process-findings';
export { queueFindings } from './queue-findings';
export { redisFindings } from './redis-findings';
export {
	sourceFindings,
	unfoundMains,
	unknownOf,
	unknownsOf,
	unseenPolicies,
	type Unknown,
} from './source-findings';
export { count, duration, percent, rate, sinceWords } from './words';
export { workerFindings } from './worker-findings';
