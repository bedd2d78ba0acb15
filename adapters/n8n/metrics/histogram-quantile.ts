/** Upper bounds and how many samples are not above them, in any order. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * As Prometheus's histogram_quantile: within its bucket a sample may be anywhere.
 * @returns undefined where nothing was counted; the highest finite bound where the sample is above it.
 */
export function histogramQuantile(quantile: number, buckets: Buckets): number | undefined {
	const sorted = [...buckets].sort(([one], [other]) => one - other);
	const total = sorted.at(-1)?.[1] ?? 0;
	if (total === 0) return undefined;
	const rank = quantile * total;
	const index = sorted.findIndex(([, count]) => count >= rank);
	const [bound, count] = sorted[index]!;
	const [boundBelow, countBelow] = sorted[index - 1] ?? [0, 0];
	if (bound === Infinity) return boundBelow;
	return boundBelow + ((bound - boundBelow) * (rank - countBelow)) / (count - countBelow);
}
