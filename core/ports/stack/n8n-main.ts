import type { ClockOffset } from './clock-offset';

/** What a process of n8n measures of itself, from its metrics endpoint; undefined where it does not say. */
export interface ProcessMetrics {
	/** From where. */
	readonly url: string;
	readonly type: 'main' | 'worker';
	readonly isReady: boolean;
	/** Why it is not, in its own words. */
	readonly notReadyBecause?: string;
	readonly hasMetrics: boolean;
	/** Total seconds of CPU ever used: two looks give the load. */
	readonly cpuSeconds?: number;
	readonly residentBytes?: number;
	readonly heapUsedBytes?: number;
	readonly eventLoopLagP99Ms?: number;
	readonly startedAt?: number;
	readonly isLeader?: boolean;
	readonly version?: string;
	/** As the date of its answer tells, by the second; a proxy in between may put its own. */
	readonly clock?: ClockOffset;
	/** Webhook answers, by what main has counted. */
	readonly webhookRequests?: {
		readonly total: number;
		readonly failed: number;
		readonly p95Ms?: number;
	};
}

/** A process that is known by its address alone. */
export interface UnreachableProcess extends Pick<ProcessMetrics, 'url' | 'type'> {
	readonly unreachable: string;
	/** Set where time ran out: who is too busy, or frozen, does not answer either. */
	readonly mayLive?: true;
	/** Set where nobody said that it is at this address, nor was it ever seen there. */
	readonly mayBeElsewhere?: true;
}

/** Health and metrics endpoints of main and workers. */
export interface ProcessMetricsView {
	/** One entry an address that is known; never throws for one that is not reached. */
	processes(): Promise<ReadonlyArray<ProcessMetrics | UnreachableProcess>>;
}

/** n8n's public API, and its webhooks. */
export interface N8nApi {
	/** Whether a key is configured, which all but webhooks need. */
	readonly hasKey: boolean;
	/**
	 * Runs a failed execution once more, as a new one.
	 * @returns the new execution's id.
	 * @throws {NotRetriedError} where it surely does not run, unless it waits for a worker and the database shows it; after
	 * any other error it may.
	 */
	retry(executionId: string): Promise<string>;
	/** Stops one that runs. */
	stop(executionId: string): Promise<void>;
	/**
	 * Calls a production webhook. Never throws for what the workflow answers.
	 * @returns what came back, and from which address.
	 */
	callWebhook(request: {
		readonly path: string;
		readonly method: 'GET' | 'POST';
		readonly body?: unknown;
		readonly timeoutMs: number;
		readonly signal?: AbortSignal;
	}): Promise<{
		readonly url: string;
		readonly status: number;
		readonly durationMs: number;
		readonly body: string;
	}>;
	/** Whether the key is accepted. */
	check(): Promise<void>;
}
