export { hasAsked, isAsking, poolTakenFrom } from './job-taker';
export { tellWorker } from './tell-worker';
export type { WorkersLook } from './workers-look';
export type { Evidence, WorkerState, WorkerVerdict } from './worker-verdict';
export { WorkerVerdicts } from './worker-verdicts';
