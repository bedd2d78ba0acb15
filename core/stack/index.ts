export { modeOf, STACK_MODES, type StackMode } from './mode';
export {
	knownOf,
	NOT_CONFIGURED,
	SETTING_OF,
	readFrom,
	SourceUnavailableError,
	valueOf,
	type Reading,
} from './reading';
export { NotRetriedError } from './not-retried-error';
export type { SourceName } from './source-name';
export type { StackSources } from './sources';
