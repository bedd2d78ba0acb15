export { type Forecast, type QueueOutlook } from './queue-outlook';
export {
	StackMonitor,
	type ProcessLoad,
	type StackLook,
	type StackObservation,
} from './stack-monitor';
export {
	mayStillRun,
	poolTakenFrom,
	WorkerVerdicts,
	type Evidence,
	type WorkersLook,
	type WorkerState,
	type WorkerVerdict,
} from './worker-verdict';
