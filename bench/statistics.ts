const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

const at = (sorted: readonly number[], share: number): number =>
	sorted[Math.round(share * (sorted.length - 1))]!;

export const median = (values: readonly number[]): number => at(ascending(values), 0.5);

/** Nineteen of twenty values are not above it. */
export const p95 = (values: readonly number[]): number => at(ascending(values), 0.95);

/** Half of the values lie between these two. */
export function quartiles(values: readonly number[]): [low: number, high: number] {
	const sorted = ascending(values);
	return [at(sorted, 0.25), at(sorted, 0.75)];
}
