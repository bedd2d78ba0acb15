/**
 * How a call ended. `slow` is a success that the caller itself calls slow; breakers also find slow calls by
 * latency. `ignored` (a rejected input, a cancelled call) gives the permit back and counts nowhere.
 */
export type OutcomeKind = 'success' | 'failure' | 'slow' | 'ignored';

/** How one permitted attempt ended, and how long it took. */
export interface Outcome {
	readonly kind: OutcomeKind;
	/** Time from admission to the end, in ms. */
	readonly latencyMs: number;
	/** The attempt was given up on by its timeout, so its true latency is at least `latencyMs`. */
	readonly timedOut?: boolean;
	/** The service refused the call because it gets too many (HTTP 429). */
	readonly throttled?: boolean;
	/** When it ended, by this process's clock; spares a store in the same process from reading it again. */
	readonly endedAt?: number;
}
