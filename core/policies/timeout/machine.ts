import type { RecordMachine } from '../machine';
import { halfOf, Latencies } from './latencies';
import type { TimeoutOptions } from './options';

/** What is known of recent calls; only adaptive timeouts keep any. */
export interface TimeoutState {
	readonly latencies: Latencies;
	lastCallAt: number;
}

/** Never rejects; it learns how long calls take and says how long the next one may. */
export const timeout: RecordMachine<TimeoutState, TimeoutOptions> = {
	create: (now) => ({ latencies: new Latencies(), lastCallAt: now }),

	judge: () => 0,

	take(state, _options, now) {
		state.lastCallAt = now;
		return 0;
	},

	isLeased: () => false,

	settle(state, options, now, _permitId, _token, { kind, latencyMs, timedOut }) {
		// A failure says nothing of how long the work takes, unless it failed by taking too long.
		const telling = kind === 'success' || kind === 'slow' || timedOut === true;
		if (options.strategy === 'adaptive' && telling)
			state.latencies.record(latencyMs, options.windowMs, now);
		state.lastCallAt = now;
		return true;
	},

	extend: () => true,

	idleAt: (state, options) => state.lastCallAt + 2 * halfOf(options.windowMs),

	inspect: (state, options, now) => ({
		state: 'active',
		figures: {
			timeoutMs: currentTimeoutMs(state, options, now),
			calls: state.latencies.count(options.windowMs, now),
		},
	}),
};

/** How long a call that starts now may take, in ms. */
export function currentTimeoutMs(
	state: TimeoutState | undefined,
	options: TimeoutOptions,
	now: number,
): number {
	if (options.strategy === 'fixed') return options.timeoutMs;
	const known = state?.latencies.count(options.windowMs, now) ?? 0;
	return adaptedTimeoutMs(options, known, () =>
		state!.latencies.percentile(options.percentile, options.windowMs, now),
	);
}

/** An adaptive time-out in ms, where `known` calls are known and the percentile of their latencies on demand. */
export function adaptedTimeoutMs(
	{ timeoutMs, multiplier, minTimeoutMs, maxTimeoutMs, minimumNumberOfCalls }: TimeoutOptions,
	known: number,
	percentileMs: () => number,
): number {
	const wanted = known >= minimumNumberOfCalls ? Math.ceil(percentileMs() * multiplier) : timeoutMs;
	return Math.min(maxTimeoutMs, Math.max(minTimeoutMs, wanted));
}
