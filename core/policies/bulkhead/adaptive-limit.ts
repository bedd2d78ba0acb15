import type { Outcome } from '../../outcome';
import { createLatencies, limitAfterSuccess, type Latencies } from './gradient';
import type { BulkheadOptions } from './options';

type Options = BulkheadOptions;

/** A limit that follows from how calls end. Plain data, a few numbers. */
export interface AdaptiveLimit {
	readonly strategy: Options['strategy'];
	/** Calls that may run; a gradient's has a fraction, which admits nobody. */
	limit: number;
	/** How often it fell. A permit carries the number it was admitted under. */
	falls: number;
	/** Last admission, settlement or extension. */
	lastCallAt: number;
	/** AIMD only: calls that ended well since they were last as many as the limit, or it fell. */
	successes: number;
	/** AIMD only: most calls that ran at once, of those seen as these ended. */
	mostInFlight: number;
	/** Gradient only. */
	readonly latencies: Latencies | undefined;
}

const create = ({ strategy, initialConcurrentCalls }: Options, now: number): AdaptiveLimit => ({
	strategy,
	limit: initialConcurrentCalls,
	falls: 0,
	lastCallAt: now,
	successes: 0,
	mostInFlight: 0,
	latencies: strategy === 'gradient' ? createLatencies(now) : undefined,
});

/** From when on a limit is as good as unknown. */
export const forgottenAt = ({ lastCallAt }: AdaptiveLimit, options: Options): number =>
	lastCallAt + options.idleResetMs;

/** A limit as it is to be used at this moment; undefined where the options ask for another one. */
const known = (
	limit: AdaptiveLimit | undefined,
	options: Options,
	now: number,
): AdaptiveLimit | undefined =>
	limit !== undefined && limit.strategy === options.strategy && now < forgottenAt(limit, options)
		? limit
		: undefined;

/** How many calls may run, in whole calls. */
export function concurrencyLimit(
	limit: AdaptiveLimit | undefined,
	options: Options,
	now: number,
): number {
	if (options.strategy === 'fixed') return options.maxConcurrentCalls;
	const { limit: wanted } = known(limit, options, now) ?? create(options, now);
	return Math.floor(within(wanted, options));
}

const within = (limit: number, { minConcurrentCalls, maxConcurrentCalls }: Options): number =>
	Math.max(minConcurrentCalls, Math.min(maxConcurrentCalls, limit));

/** The limit, or a fresh one, after a call was taken in or extended. */
export function noteCall(
	limit: AdaptiveLimit | undefined,
	options: Options,
	now: number,
): AdaptiveLimit | undefined {
	if (options.strategy === 'fixed') return limit;
	const noted = known(limit, options, now) ?? create(options, now);
	noted.lastCallAt = Math.max(noted.lastCallAt, now);
	return noted;
}

/**
 * Learns from a call that ended. A failed, timed-out or slow call lowers the limit by the back-off ratio; but of calls
 * that ran when the limit fell none counts any more, so that an outage which hits all of them lowers it once, as a
 * round trip does in TCP. What follows a success is up to the strategy.
 */
export function learn(
	limit: AdaptiveLimit,
	options: Options,
	now: number,
	token: number,
	inFlight: number,
	outcome: Outcome,
): void {
	if (token !== limit.falls || outcome.kind === 'ignored') return;
	const before = within(limit.limit, options);
	limit.limit = within(limitAfter(limit, before, options, now, inFlight, outcome), options);
}

function limitAfter(
	limit: AdaptiveLimit,
	before: number,
	options: Options,
	now: number,
	inFlight: number,
	outcome: Outcome,
): number {
	if (isTooMuch(options, outcome)) {
		limit.falls++;
		limit.successes = limit.mostInFlight = 0;
		return Math.floor((before * options.backoffRatio) / 100);
	}
	const { latencies } = limit;
	return latencies
		? limitAfterSuccess(latencies, before, options, now, inFlight, outcome.latencyMs)
		: grownAdditively(limit, before, inFlight);
}

const isTooMuch = (
	{ strategy, slowCallDurationThresholdMs }: Options,
	{ kind, latencyMs }: Outcome,
): boolean =>
	kind === 'failure' ||
	(strategy === 'aimd' &&
		slowCallDurationThresholdMs > 0 &&
		(kind === 'slow' || latencyMs >= slowCallDurationThresholdMs));

/**
 * `AIMDLimit` of Netflix's concurrency-limits, growing as TCP does: by one each time as many calls as the limit have
 * succeeded, if at least half of it was in use at some time meanwhile (as RFC 7661 measures it). It is not enough to
 * look at each call's end: the calls of a wave end one by one, and the last ones alone.
 */
function grownAdditively(limit: AdaptiveLimit, before: number, inFlight: number): number {
	limit.successes++;
	limit.mostInFlight = Math.max(limit.mostInFlight, inFlight);
	if (limit.successes < before) return before;
	const isUsed = limit.mostInFlight * 2 >= before;
	limit.successes = limit.mostInFlight = 0;
	return isUsed ? before + 1 : before;
}
