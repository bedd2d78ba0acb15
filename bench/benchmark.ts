/** How long to measure. */
export interface Effort {
	/** How often each side gets its turn. */
	readonly rounds: number;
	/** About how long a turn takes, in ms. */
	readonly turnMs: number;
}

/** What a benchmark found. */
export interface Measurement {
	/** What the target speaks of. */
	readonly figure: number;
	readonly ours?: number;
	readonly other?: number;
	/** Spread, circumstances, what was compared. */
	readonly note: string;
}

/** One row of the table. */
export interface Benchmark {
	/** Keeps its meaning for good. */
	readonly id: string;
	/** Ours against what, doing what. */
	readonly title: string;
	/** `x`: ours over the other's speed. */
	readonly unit: 'x' | 'bytes/key' | 'calls/s' | 'MB' | 'ms';
	readonly target?: { readonly atLeast: number } | { readonly below: number };
	measure(effort: Effort): Promise<Measurement>;
}
