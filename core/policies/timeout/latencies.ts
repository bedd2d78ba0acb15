/**
 * Latencies in logarithmic buckets, each a tenth wider than the one before: a percentile is found within 10 %,
 * in memory bounded by the number of buckets whatever the number of calls (the idea of HdrHistogram and DDSketch).
 */
const GROWTH = Math.log(1.1);
const BUCKETS = 256;

/** Buckets in use, lowest first, each as `calls * BUCKETS + bucket`. */
type Histogram = number[];

/** Calls of the current and the previous half of a moving window. */
export class Latencies {
	private current: Histogram | undefined;
	private previous: Histogram | undefined;
	private half = 0;

	record(latencyMs: number, windowMs: number, now: number): void {
		this.advance(windowMs, now);
		const bucket = bucketOf(latencyMs);
		if (!this.current) this.current = [BUCKETS + bucket];
		else countIn(this.current, bucket);
	}

	/** How many calls are known. */
	count(windowMs: number, now: number): number {
		this.advance(windowMs, now);
		return callsOf(this.current) + callsOf(this.previous);
	}

	/** The latency that `percentile` per cent of the known calls did not exceed, rounded up to its bucket's end. */
	percentile(percentile: number, windowMs: number, now: number): number {
		const wanted = percentile * this.count(windowMs, now);
		const { current = [], previous = [] } = this;
		let seen = 0;
		for (let here = 0, there = 0; here < current.length || there < previous.length;) {
			const isHere =
				there === previous.length ||
				(here < current.length && bucketIn(current[here]!) <= bucketIn(previous[there]!));
			const entry = isHere ? current[here++]! : previous[there++]!;
			seen += callsIn(entry);
			if (seen * 100 >= wanted) return endOf(bucketIn(entry));
		}
		return endOf(BUCKETS - 1);
	}

	private advance(windowMs: number, now: number): void {
		const half = Math.floor(now / halfOf(windowMs));
		if (half <= this.half) return;
		this.previous = half === this.half + 1 ? this.current : undefined;
		this.current = undefined;
		this.half = half;
	}
}

/** Length of one of the two halves of the window, in ms. */
export const halfOf = (windowMs: number): number => Math.ceil(windowMs / 2);

const bucketIn = (entry: number): number => entry % BUCKETS;
const callsIn = (entry: number): number => Math.floor(entry / BUCKETS);

const callsOf = (histogram: Histogram = []): number =>
	histogram.reduce((calls, entry) => calls + callsIn(entry), 0);

function countIn(histogram: Histogram, bucket: number): void {
	let place = 0;
	while (place < histogram.length && bucketIn(histogram[place]!) < bucket) place++;
	if (place < histogram.length && bucketIn(histogram[place]!) === bucket)
		histogram[place]! += BUCKETS;
	else histogram.splice(place, 0, BUCKETS + bucket);
}

/** The bucket that a latency is counted in. */
export const bucketOf = (latencyMs: number): number =>
	latencyMs <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(latencyMs) / GROWTH));

/** The longest latency of a bucket, in ms. */
export const endOf = (bucket: number): number => Math.exp(bucket * GROWTH);
