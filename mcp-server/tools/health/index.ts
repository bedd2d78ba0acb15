export { auditSchedulesTool } from './audit-schedules';
export { getHealth } from './get-health';
export { getQueue } from './get-queue';
export { lintConfigurationTool } from './lint-configuration';
export { listWorkers } from './list-workers';
export { runSyntheticCheckTool } from './run-synthetic-check';
