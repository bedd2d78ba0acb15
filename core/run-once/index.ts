export { endOfFailure, endOfResult } from './run-end';
export { RunOnce, type RunOncePolicy, type RunOutcome } from './run-once';
export { lostRun, refusalOf } from './refusal';
