import type { Permit } from '../ports';

/** What the guarded work is told about the attempt it makes. */
export interface AttemptContext {
	/** 1 for the first attempt. */
	readonly attempt: number;
	/** When the work should be done, ms since the epoch; `Infinity` for no limit. Hand it down to nested calls. */
	readonly deadlineAt: number;
	/** Fires when nobody waits for the result any more: the timeout struck or the caller cancelled. */
	readonly signal: AbortSignal;
	/** How the attempt was let through while the shared store could not be reached. */
	readonly degraded: Permit['degraded'];
}

/** Makes its signal only when the work asks for it, because most work does not and a signal costs a microsecond. */
export class LazyAttemptContext implements AttemptContext {
	private controller: AbortController | undefined;
	private aborted = false;

	constructor(
		readonly attempt: number,
		readonly deadlineAt: number,
		readonly degraded: Permit['degraded'],
	) {}

	get signal(): AbortSignal {
		this.controller ??= new AbortController();
		if (this.aborted) this.controller.abort();
		return this.controller.signal;
	}

	abort(): void {
		this.aborted = true;
		this.controller?.abort();
	}
}
