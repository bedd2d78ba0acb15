import type { CircuitBreakerOptions } from './options';

/** How many windows of calls the usual failure rate is a mean over. */
const WINDOWS = 10;

/**
 * The failure rate that is usual for a service: the mean over the calls of about ten windows, the older ones counting
 * exponentially less. A call teaches it when it leaves the window, so what is in the window when the breaker opens
 * never does. Until it knows ten times as many calls as a window must have to be judged, it says nothing.
 */
export class Baseline {
	/** Calls that it is a mean over. They only grow, so that a quiet night does not make it forget. */
	private calls = 0;
	/** How many of them failed; not a whole number once older ones count less. */
	private failures = 0;

	/** Learns from calls that leave a window together, of which it held `windowCalls` until then. */
	learn(calls: number, failures: number, windowCalls: number): void {
		const most = Math.max(this.calls, WINDOWS * windowCalls);
		this.calls += calls;
		this.failures += failures;
		if (this.calls <= most) return;
		this.failures = (this.failures * most) / this.calls;
		this.calls = most;
	}

	/** The share of failed calls that the breaker opens at, in per cent, where a window needs `minimumCalls`. */
	threshold(options: CircuitBreakerOptions, minimumCalls: number): number {
		const { failureRateThreshold, maxFailureRateThreshold, baselineMultiplier } = options;
		if (this.calls < WINDOWS * minimumCalls) return failureRateThreshold;
		const wanted = (this.failures / this.calls) * 100 * baselineMultiplier;
		return Math.min(maxFailureRateThreshold, Math.max(failureRateThreshold, wanted));
	}
}
