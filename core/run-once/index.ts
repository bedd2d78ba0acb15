export { outcomeOf, type EarlierOutcome, type RunOutcome } from './outcome';
export { beginRequest, type RunOncePolicy } from './policy';
export { lostRun } from './refusal';
export { endOfFailure, endOfResult } from './run-end';
export { RunOnce } from './run-once';
