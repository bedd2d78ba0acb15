export {
	beginRun,
	endRun,
	extendRun,
	forgetRun,
	forgottenAt,
	inspectRun,
	type RunRecord,
} from './machine';
export { runOnceOptions, type RunOnceOptions } from './options';
