import type { Waited } from './patience';

/** How far a call has come, so that it can go on later, perhaps in another process. Plain data. */
export interface CallProgress {
	/** The attempt that comes next; 1 is the first. */
	readonly attempt: number;
	/** When the call began, ms since the epoch: before any wait to be admitted. */
	readonly startedAt: number;
	/** When the first attempt left, if it had to be admitted; else it left when the call began. */
	readonly firstLeftAt?: number;
	/** Delay before that attempt, in ms; undefined for the first. */
	readonly previousDelayMs?: number;
	/** What that attempt has waited to be admitted, if anything. */
	readonly waited?: Waited;
}

/** The progress of a call under way. */
export type RunningProgress = { -readonly [Part in keyof CallProgress]: CallProgress[Part] };

/**
 * The next wait is longer than the caller wants to be held (`Call.longestWaitMs`). Nothing is held any more; pass
 * `progress` as `Call.resume` at or after `dueAt` to go on.
 */
export class PostponedError extends Error {
	constructor(
		/** When to go on, ms since the epoch. */
		readonly dueAt: number,
		readonly progress: CallProgress,
	) {
		super('The call goes on later');
		this.name = 'PostponedError';
	}
}
