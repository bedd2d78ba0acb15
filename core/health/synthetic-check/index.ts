export { CHECK_PATH, CHECK_TAG } from './check-webhook';
export {
	runSyntheticCheck,
	type SyntheticCheckParts,
	type SyntheticCheckRequest,
} from './run-synthetic-check';
export {
	CHECK_VERDICTS,
	HOPS,
	type Hop,
	type HopName,
	type SyntheticReport,
	type UnseenHop,
} from './synthetic-report';
export { tellCheck } from './tell-check';
