import type { ClockOffset } from './clock-offset';
import type { RedisClient } from './redis-server';

export type InstanceType = 'main' | 'worker' | 'webhook';

/** A process of n8n, by what it says of itself every 30 s. */
export interface InstanceEntry {
	/** One a process and life. */
	readonly instanceKey: string;
	/** As in answers of workers: all of a machine may have the same. */
	readonly hostId: string;
	readonly type: InstanceType;
	readonly isLeader: boolean;
	readonly version: string;
	readonly pool: string;
	/** Ms since the epoch, by the instance's clock. */
	readonly registeredAt: number;
	readonly lastSeenAt: number;
	/** When this was written, ms since the epoch by our clock; undefined where nothing says so. */
	readonly writtenAt?: number;
	/** The instance's clock; undefined where nothing says when it wrote this, or it waited before it wrote. */
	readonly clock?: ClockOffset;
}

/** n8n's instance registry: who was there within the last minute. */
export interface InstanceRegistryView {
	instances(): Promise<readonly InstanceEntry[]>;
}

/** What a worker is at. */
export interface RunningJob {
	readonly executionId: string;
	readonly workflowId: string;
	readonly workflowName: string;
	/** Ms since the epoch, by the worker's clock. */
	readonly startedAt: number;
}

/** What a worker answers when it is asked. */
export interface WorkerStatus {
	/** Ends with the name of the machine or container, which all workers of one share, or with something random. */
	readonly hostId: string;
	/** Of its process, where that is known to run on our machine. */
	readonly processId?: number;
	readonly version: string;
	readonly pool: string;
	readonly running: readonly RunningJob[];
	/** Of its process. */
	readonly uptimeMs: number;
	/** When its process began, ms since the epoch by our clock; less exact than the answer took to arrive. */
	readonly startedAt: number;
	readonly hostname: string;
	/** Of its network interfaces, without internal ones. */
	readonly addresses: readonly string[];
	readonly residentBytes: number;
	readonly heapUsedBytes: number;
	/** What the process may use at most; undefined without a limit. */
	readonly memoryLimitBytes?: number;
	readonly totalMemoryBytes: number;
	readonly freeMemoryBytes: number;
	/** Over one minute. */
	readonly loadAverage: number;
	readonly cpus: number;
}

/** Asks all workers at once. */
export interface WorkerCommands {
	/**
	 * @param waitMs how long answers are waited for; who has not answered by then is not among them.
	 * @param hostIds of the workers that are known: when all of them have answered, nobody is waited for any more.
	 * @param most likewise when so many have answered: one that has died is known for up to a minute.
	 */
	askStatus(
		waitMs: number,
		signal?: AbortSignal,
		hostIds?: readonly string[],
		most?: number,
	): Promise<readonly WorkerStatus[]>;
}

/** Which connections to Redis are known to be one process's, and how it is known. */
export interface OwnedClients {
	/** What that process answered, one of the statuses that were given; undefined where it is not known which. */
	readonly worker?: WorkerStatus;
	/** Where it runs on our machine. */
	readonly processId?: number;
	/** All of them, so that closing these leaves none of the process's open. */
	readonly clients: readonly RedisClient[];
	/** `process`: this machine's kernel says so. `address`: no more come from there than one process has. */
	readonly knownBy: 'address' | 'process';
}

/** Finds out whose connections are whose. */
export interface ClientOwners {
	/** Has no entry for a worker whose connections cannot be told from those of others. */
	ownersOf(
		clients: readonly RedisClient[],
		workers: readonly WorkerStatus[],
	): Promise<readonly OwnedClients[]>;
}
