export { importWorkflows, type ImportReport } from './import-workflows.ts';
export { logInAsOwner } from './owner.ts';
export { startFlakyApi } from './start-flaky-api.ts';
export { withRedisState } from './redis-state.ts';
export { readWorkflowFiles, type WorkflowFile } from './workflow-files.ts';
