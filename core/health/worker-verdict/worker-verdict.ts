import type { OwnedClients, WorkerStatus } from '../../ports/stack';
import type { SourceName } from '../../stack';

/**
 * - `starting`: asks for no jobs yet.
 * - `idle`, `working`: has a free slot, and takes jobs.
 * - `saturated`: all slots that it was ever seen to have are busy.
 * - `stopping`: asks for no more jobs, and ends those that run.
 * - `zombie`: its process lives, has a free slot, and takes no jobs.
 * - `vanished`: neither answers nor has a connection that takes jobs. `process` says whether it is known to have ended.
 * - `unresponsive`: has its connections, but neither answers nor uses them: blocked by work of its own, or cut off. It is
 *   so for as long as they stand, listed or not.
 * - `unknown`: what is seen does not tell.
 */
export const WORKER_STATES = [
	'starting',
	'idle',
	'working',
	'saturated',
	'stopping',
	'zombie',
	'vanished',
	'unresponsive',
	'unknown',
] as const;

export type WorkerState = (typeof WORKER_STATES)[number];

/** Whether a process lives; `ended` only where a source says so. */
export const PROCESS_STATES = ['lives', 'ended', 'not known'] as const;

export type ProcessState = (typeof PROCESS_STATES)[number];

/** What one source says. */
export interface Evidence {
	readonly source: SourceName;
	readonly says: string;
}

/** How a worker fares, and how that is known. */
export interface WorkerVerdict {
	/** The instance key; where nobody knows which it is, made of the host id and its process, or when that began. */
	readonly id: string;
	/** As in the registry and in answers of workers: all of a machine may have the same. */
	readonly hostId: string;
	/** One a process and life; undefined where the registry does not list it, or several by the name of its host. */
	readonly instanceKey?: string;
	readonly pool: string;
	readonly version: string;
	readonly state: WorkerState;
	/** Ms since the epoch; of a zombie, when it was last seen to ask for a job. */
	readonly since: number;
	readonly process: ProcessState;
	readonly evidence: readonly Evidence[];
	/** It has no connection any more that takes jobs. One whose process lives has not noticed, and makes no new one. */
	readonly isCutOff: boolean;
	/** By its last answer; undefined where it has given none. */
	readonly running?: WorkerStatus['running'];
	/** At least so many jobs it can run at once; n8n does not tell how many. */
	readonly slotsSeen: number;
	/** What it locks jobs with; undefined where no job has shown it yet. */
	readonly lockOwner?: string;
	/** When it last took a job, by its own clock. */
	readonly lastTookAt?: number;
	/** When it last answered. */
	readonly answeredAt?: number;
	readonly lastAnswer?: WorkerStatus;
	/** Address of the health check that its process was the last to answer; undefined where that is not known. */
	readonly healthCheck?: string;
	/** Its connections to Redis; undefined where they cannot be told from those of others. */
	readonly connections?: OwnedClients;
}
