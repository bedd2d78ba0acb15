export { hasAsked, isAsking, poolTakenFrom } from './job-taker';
export { mayBeOfOne } from './may-be-of-one';
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
