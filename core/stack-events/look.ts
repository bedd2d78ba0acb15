/** What events are about. */
export type SubjectKind = 'circuit-breaker' | 'bulkhead' | 'worker' | 'execution' | 'source';

/** What is to be told apart from what else there is. */
export interface Subject {
	readonly kind: SubjectKind;
	/** Unique among its kind, and the same at each look. */
	readonly id: string;
	/** For people. */
	readonly title: string;
}

/** How something was seen at one look. */
export interface Sighting extends Subject {
	/** A word, such as `open`. */
	readonly condition: string;
	/** What it follows from: plain data. */
	readonly evidence: Readonly<Record<string, unknown>>;
}

/** One look at the stack. What could not be asked is not in it. */
export interface Look {
	/** Ms since the epoch. */
	readonly at: number;
	readonly sightings: readonly Sighting[];
	/** Kinds of which all that is out of order was seen: what is not among it is in order again, or gone. */
	readonly whole: readonly SubjectKind[];
}

/** The condition of what is in order. */
export const IN_ORDER: Readonly<Record<SubjectKind, string>> = {
	'circuit-breaker': 'closed',
	bulkhead: 'free',
	worker: 'healthy',
	execution: 'accounted for',
	source: 'answering',
};
