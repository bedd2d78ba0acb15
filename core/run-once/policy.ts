import type { RunOnceOptions } from '../policies/run-once';
import type { BeginRequest } from '../ports';

/** Work that is to be done once for each key. */
export interface RunOncePolicy {
	readonly name: string;
	readonly options: RunOnceOptions;
}

/** What a call asks a store. */
export const beginRequest = (
	{ name, options: { whenRunning, whenFailed, resultTtlMs } }: RunOncePolicy,
	key: string,
	runId: string,
	leaseMs: number,
): BeginRequest => ({ runId, name, key, whenRunning, whenFailed, resultTtlMs, leaseMs });
