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
export type {
	BeginRequest,
	Ending,
	Run,
	RunAddress,
	RunAnswer,
	RunEnd,
	RunSnapshot,
	UnkeptFailure,
} from './run';
