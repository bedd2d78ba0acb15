import type { BulkheadOptions } from './options';

/** What a gradient limit has measured. */
export interface Latencies {
	/** When the present measurement may end. */
	endsAt: number;
	/** Calls of the present measurement, and the sum of their latencies in ms. */
	calls: number;
	sumMs: number;
	/** Most calls that ran at once during it. */
	mostInFlight: number;
	/** Mean latency over many measurements, in ms, and how many it knows while it warms up. */
	longTermMs: number;
	warmedUp: number;
}

/** A measurement takes at least this long and this many calls. */
const SHORTEST_MS = 1_000;
const FEWEST_CALLS = 10;

/** So many first measurements count alike. */
const WARM_UP = 10;

export const createLatencies = (now: number): Latencies => ({
	endsAt: now + SHORTEST_MS,
	calls: 0,
	sumMs: 0,
	mostInFlight: 0,
	longTermMs: 0,
	warmedUp: 0,
});

/**
 * The limit after a call that succeeded: `Gradient2Limit` within `WindowedLimit` of Netflix's concurrency-limits.
 * When a measurement ends, its mean latency is held against the long-term one: while calls take no longer than
 * tolerated the limit grows by the queue allowance, else it shrinks in proportion, by half at most; either way only a
 * part of the change is made at once.
 */
export function limitAfterSuccess(
	latencies: Latencies,
	limit: number,
	options: BulkheadOptions,
	now: number,
	inFlight: number,
	latencyMs: number,
): number {
	latencies.calls++;
	latencies.sumMs += Math.floor(latencyMs);
	latencies.mostInFlight = Math.max(latencies.mostInFlight, inFlight);
	if (now < latencies.endsAt || latencies.calls < FEWEST_CALLS) return limit;

	// The clock cannot tell less than a millisecond.
	const shortTermMs = Math.max(1, latencies.sumMs / latencies.calls);
	const isUsed = latencies.mostInFlight * 2 >= limit;
	noteMeasurement(latencies, options, shortTermMs);
	latencies.endsAt = now + SHORTEST_MS;
	latencies.calls = latencies.sumMs = latencies.mostInFlight = 0;
	// Calls that hardly use the limit say nothing of it.
	if (!isUsed) return limit;
	const { latencyTolerance, queueAllowance, smoothing } = options;
	const gradient = Math.max(
		0.5,
		Math.min(1, (latencyTolerance * latencies.longTermMs) / shortTermMs),
	);
	const wanted = limit * gradient + queueAllowance;
	return limit * (1 - smoothing) + wanted * smoothing;
}

function noteMeasurement(
	latencies: Latencies,
	{ longTermMeasurements }: BulkheadOptions,
	shortTermMs: number,
): void {
	const { longTermMs, warmedUp } = latencies;
	if (warmedUp < WARM_UP) {
		latencies.longTermMs = (longTermMs * warmedUp + shortTermMs) / (warmedUp + 1);
		latencies.warmedUp++;
	} else {
		const part = 2 / (longTermMeasurements + 1);
		latencies.longTermMs = longTermMs * (1 - part) + shortTermMs * part;
	}
	// After a long time of overload the mean is led back to what calls take now.
	if (latencies.longTermMs > 2 * shortTermMs) latencies.longTermMs *= 0.95;
}
