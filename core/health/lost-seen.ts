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
	/** What was seen last, which is some seconds old at most where somebody asks all the time. Waits for the first look only. */
	seen(): Promise<LostSeen | undefined>;
}
