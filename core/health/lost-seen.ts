import type { ExecutionStatus } from '../ports/stack';

/** Executions that are lost, as whoever judges health has to know of them. */
export interface LostSeen {
	/** When they were looked for, ms since the epoch. */
	readonly at: number;
	readonly lost: ReadonlyArray<{
		/** What has become of it, in a few words. */
		readonly loss: string;
		readonly status: ExecutionStatus;
	}>;
}

/** Looks for lost executions. */
export interface LostView {
	/**
	 * What was seen last. Where that was more than half a minute ago it waits for a look, and tells of an older one only
	 * where nobody can look.
	 */
	seen(): Promise<LostSeen | undefined>;
}
