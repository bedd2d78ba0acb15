import type { Principal } from '../access';

/** How an execution is brought back. */
export type RecoveryAction = 'enqueue again' | 'retry' | 'mark';

/**
 * How far an attempt has come. `claimed`: begun, nothing changed yet. `unqueued`: its dead job is gone. `renewed`: its row
 * says that it waits for a worker. `enqueued`, `retried` and `marked` are ends; so is `given up`, where it turned out to
 * need no repair, and which does not count as an attempt.
 */
export type RecoveryStep =
	'claimed' | 'unqueued' | 'renewed' | 'enqueued' | 'retried' | 'marked' | 'given up';

/** One attempt to bring one execution back: who did what, when, and on what evidence. Plain data. */
export interface RecoveryRecord {
	readonly executionId: string;
	readonly workflowId: string;
	/** Counts from 1. */
	readonly attempt: number;
	/** Of whoever is at it: who takes an attempt over gives it another. */
	readonly claimId: string;
	readonly by: Principal;
	/** Ms since the epoch. */
	readonly claimedAt: number;
	readonly updatedAt: number;
	/** What had become of the execution, in a few words. */
	readonly loss: string;
	readonly evidence: ReadonlyArray<{ readonly source: string; readonly says: string }>;
	readonly action: RecoveryAction;
	readonly reason: string;
	readonly step: RecoveryStep;
	/** Of the job that was taken away, and then of the one that is enqueued. */
	readonly jobId?: string;
	/** Of the workers that its job was for; undefined where it was never seen to have one. */
	readonly pool?: string;
	/** Of the execution that runs in its place, once it is retried. */
	readonly retriedAs?: string;
	/** Why it was given up, or what went wrong. */
	readonly detail?: string;
	/** How the execution ended afterwards, once that was seen. */
	readonly endedAs?: string;
	readonly endedAt?: number;
}

export interface RecoveryRecordPage {
	/** The newest first, by when they were claimed. */
	readonly records: readonly RecoveryRecord[];
	/** Undefined on the last page. */
	readonly next: string | undefined;
}

/** Remembers for all replicas which executions were brought back, so that none is twice. */
export interface RecoveryRecords {
	/**
	 * Keeps a record in place of what is kept of the same attempt.
	 * @param seenClaimId of what is replaced; undefined where there must be nothing yet.
	 * @returns false where something else is kept: another is at it, or was.
	 */
	save(record: RecoveryRecord, seenClaimId: string | undefined): Promise<boolean>;
	/** The latest attempt of each; none for those of which nothing is remembered. At most 1,000 ids. */
	latest(executionIds: readonly string[]): Promise<ReadonlyMap<string, RecoveryRecord>>;
	/** @param limit from 1 to 1,000. @param after the `next` of the page before. */
	list(limit: number, after?: string): Promise<RecoveryRecordPage>;
}
