import type { Awaitable } from '../ports';
import type { AttemptContext } from './attempt-context';
import type { CallKeys } from './definition';
import type { CallProgress } from './postponed';

/** One call through a pipeline. */
export interface Call {
	readonly keys?: CallKeys;
	/** Ends waits at once and tells the work. */
	readonly signal?: AbortSignal;
	/** A deadline handed down from an enclosing call, ms since the epoch. */
	readonly deadlineAt?: number;
	/** A wait of at least this long is not waited: the call rejects with a `PostponedError`. Default: none is too long. */
	readonly longestWaitMs?: number;
	/** Goes on with a call that was postponed. */
	readonly resume?: CallProgress;
}

/** Work to be guarded. */
export type Work<T> = (context: AttemptContext) => Awaitable<T>;
