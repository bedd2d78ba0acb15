export { NOT_CONFIGURED, readFrom, SourceUnavailableError, type Reading } from './reading';
export type { SourceName } from './source-name';
export type { StackSources } from './sources';
