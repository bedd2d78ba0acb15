import type { Holding } from '../../../core/ports';

/** A request and its answer: when it left and when the answer was there, in ms of a clock that all processes share. */
export interface RoundTrip {
	readonly askedAt: number;
	readonly answeredAt: number;
}

/** One call under one policy, as the process that made it saw it. */
export interface CallRecord extends RoundTrip {
	/** Its name. */
	readonly policy: string;
	readonly status: 'granted' | 'rejected';
	/** By the server's clock, in whole ms; granted calls only. */
	readonly admittedAt?: number;
	/** A breaker's generation. */
	readonly token?: number;
	/** Admitted by a half-open breaker. */
	readonly isProbe?: boolean;
	readonly renewals?: ReadonlyArray<RoundTrip & { readonly holding: Holding }>;
	/** Missing when the call was abandoned: its lease ends it. */
	readonly settlement?: RoundTrip & { readonly holding: Holding };
}

/** What broke a promise, in words. */
export type Violation = string;
