import type { InstanceEntry, WorkerStatus } from '../../ports/stack';
import type { WorkerState } from './worker-verdict';

/** What is remembered of a worker between looks: of one life of one process. */
export interface WorkerRecord {
	readonly hostId: string;
	readonly pool: string;
	readonly firstSeenAt: number;
	/** The same at all looks, and no other's. */
	name: string;
	/** It may have been taken for another of its name, so that nobody knows any more which it is. */
	isMixed: boolean;
	/** Whether its answer at this look cannot be that of another worker of its name. */
	isSure: boolean;
	/** When its process began, as its answers tell. */
	startedAt?: number;
	/** Its last entry in the registry, where that can be no other's. */
	entry?: InstanceEntry;
	status?: WorkerStatus;
	answeredAt?: number;
	/** Where it runs on our machine, and its answers have shown which process it is. */
	processId?: number;
	lockOwner?: string;
	/** At least so many jobs at once. */
	slots: number;
	lastTookAt?: number;
	/** Whether it was ever seen with a connection that asked for jobs. */
	hasAsked: boolean;
	/** Running at the look before, while it asked for another: its slots are more than those that still run. */
	runningWhileAsking: ReadonlySet<string>;
	/** Since when, at each look, it had a free slot and neither asked nor took a job. */
	stuck?: Sign;
	/** Since when, at each look, it had a free slot and took no job. */
	free?: Sign;
	/** Since when it has no connection that takes jobs, and does not answer. */
	gone?: Sign;
	/** It is gone, and has not stopped by itself. */
	isMissed: boolean;
	/** Its process is known to have ended. */
	hasEnded: boolean;
	/** It is missed, and its entry has run out. */
	isUnlisted: boolean;
	/** Key of the connection by which it took jobs when it answered last; undefined where that is not known. */
	taker?: string;
	/** Address of the health check that its process was the last to answer, where that is known. */
	healthCheck?: string;
	/** It does not answer, and has that connection still. */
	isHeldUp: boolean;
	state: WorkerState;
	since: number;
}

/** What was so at each look since. */
export interface Sign {
	readonly since: number;
	readonly looks: number;
}

/** Of one look more, if it still holds. */
export const stands = (sign: Sign | undefined, at: number): Sign =>
	sign ? { since: sign.since, looks: sign.looks + 1 } : { since: at, looks: 1 };

/** How long a sign must stand, over two looks at least: longer than Bull waits after an error. */
const CONFIRM_MS = 10_000;

export const isConfirmed = (sign: Sign | undefined, at: number): boolean =>
	sign !== undefined && sign.looks >= 2 && at - sign.since >= CONFIRM_MS;

export const newRecord = (hostId: string, pool: string, at: number): WorkerRecord => ({
	hostId,
	pool,
	firstSeenAt: at,
	name: hostId,
	isMixed: false,
	isSure: true,
	isMissed: false,
	hasEnded: false,
	isUnlisted: false,
	isHeldUp: false,
	slots: 1,
	hasAsked: false,
	runningWhileAsking: new Set(),
	state: 'unknown',
	since: at,
});

/** What was learned of one may be another's, once they may have been taken for one another. */
export const unlearn = (record: WorkerRecord): void => {
	Object.assign(record, {
		slots: 1,
		hasAsked: false,
		runningWhileAsking: new Set(),
		lockOwner: undefined,
		lastTookAt: undefined,
		// Of a process that is known it is its, whatever was taken for its answer.
		taker: record.processId === undefined ? undefined : record.taker,
		stuck: undefined,
		free: undefined,
		gone: undefined,
	} satisfies Partial<WorkerRecord>);
};
