export { hasAsked, isAsking, poolTakenFrom } from './job-taker';
export { LONGEST_ON_ITS_WAY_MS, mayBeOfOne } from './may-be-of-one';
export { tellWorker } from './tell-worker';
export type { WorkersLook } from './workers-look';
export {
	PROCESS_STATES,
	WORKER_STATES,
	type Evidence,
	type WorkerState,
	type WorkerVerdict,
} from './worker-verdict';
export { WorkerVerdicts } from './worker-verdicts';
