/** What happens to an execution on its way, in this order. */
export const HOPS = [
	'called',
	'row created',
	'enqueued',
	'taken',
	'started',
	'finished',
	'answered',
] as const;

export type HopName = (typeof HOPS)[number];

/** Something that was seen to happen. */
export interface Hop {
	readonly name: HopName;
	/** Ms since the epoch. */
	readonly at: number;
	/** By whose clock. */
	readonly clock: 'this server' | 'main' | 'worker';
}

/** Something of which it is not known when it happened, or whether. */
export interface UnseenHop {
	readonly name: HopName;
	readonly because: string;
}

/** What is wrong, and what to do. */
export interface SyntheticProblem {
	readonly says: string;
	readonly remedy: string;
}

export const CHECK_VERDICTS = ['passed', 'failed', 'timed out'] as const;

/** How a workflow went that was run to see whether it does. */
export interface SyntheticReport {
	readonly verdict: (typeof CHECK_VERDICTS)[number];
	/** Undefined where the database is not known, and the prebuilt workflow was called by its address alone. */
	readonly workflow?: { readonly id: string; readonly name: string };
	readonly executionId?: string;
	/** Who ran it. */
	readonly worker?: { readonly hostId: string; readonly processId?: number };
	readonly durationMs: number;
	/** In their order. */
	readonly hops: readonly Hop[];
	readonly unseen: readonly UnseenHop[];
	readonly problem?: SyntheticProblem;
}
