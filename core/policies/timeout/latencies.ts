/**
 * Latencies in logarithmic buckets, each a tenth wider than the one before: a percentile is found within 10 %,
 * in fixed memory, whatever the number of calls (the idea of HdrHistogram and DDSketch).
 */
const GROWTH = Math.log(1.1);
const BUCKETS = 256;

/** Calls of the current and the previous half of a moving window. */
export class Latencies {
	private halves: [Uint32Array, Uint32Array] | undefined;
	private half = 0;

	record(latencyMs: number, windowMs: number, now: number): void {
		this.advance(windowMs, now);
		this.halves ??= [new Uint32Array(BUCKETS), new Uint32Array(BUCKETS)];
		this.halves[this.half % 2]![bucketOf(latencyMs)]!++;
	}

	/** How many calls are known. */
	count(windowMs: number, now: number): number {
		this.advance(windowMs, now);
		let count = 0;
		if (this.halves)
			for (let bucket = 0; bucket < BUCKETS; bucket++) count += this.inBucket(bucket);
		return count;
	}

	/** The latency that `percentile` per cent of the known calls did not exceed, rounded up to its bucket's end. */
	percentile(percentile: number, windowMs: number, now: number): number {
		const wanted = (percentile / 100) * this.count(windowMs, now);
		let seen = 0;
		for (let bucket = 0; bucket < BUCKETS; bucket++) {
			seen += this.inBucket(bucket);
			if (seen >= wanted) return endOf(bucket);
		}
		return endOf(BUCKETS - 1);
	}

	private inBucket(bucket: number): number {
		return this.halves ? this.halves[0][bucket]! + this.halves[1][bucket]! : 0;
	}

	private advance(windowMs: number, now: number): void {
		const half = Math.floor(now / Math.ceil(windowMs / 2));
		if (half <= this.half) return;
		if (this.halves) {
			this.halves[half % 2]!.fill(0);
			if (half > this.half + 1) this.halves[(half + 1) % 2]!.fill(0);
		}
		this.half = half;
	}
}

const bucketOf = (latencyMs: number): number =>
	latencyMs <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(latencyMs) / GROWTH));

const endOf = (bucket: number): number => Math.exp(bucket * GROWTH);
