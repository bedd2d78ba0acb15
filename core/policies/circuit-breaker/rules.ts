import { countCall } from './call-windows';
import type { CircuitBreakerOptions } from './options';
import { baselineOf, isAdaptive, type CircuitBreakerState } from './state';

type Options = CircuitBreakerOptions;
type State = CircuitBreakerState;

export const isSlow = (kind: string, latencyMs: number, options: Options): boolean =>
	kind === 'slow' || latencyMs >= options.slowCallDurationThresholdMs;

/** Notes a call of a closed breaker, and says whether it is one too many. */
export function shouldTrip(
	state: State,
	options: Options,
	now: number,
	failed: boolean,
	slow: boolean,
): boolean {
	const { consecutiveFailureThreshold, failureRateThreshold, slowCallRateThreshold } = options;
	const inARow =
		consecutiveFailureThreshold > 0 && state.consecutiveFailures >= consecutiveFailureThreshold;
	const window = countCall(state, options, now, failed, slow, baselineOf(state, options));
	if (inARow) return true;
	if (!window || window.total < minimumCalls(options)) return false;
	return (
		(failureRateThreshold > 0 &&
			window.failures * 100 >= currentThreshold(state, options) * window.total) ||
		(slowCallRateThreshold > 0 && window.slows * 100 >= slowCallRateThreshold * window.total)
	);
}

const minimumCalls = ({
	slidingWindowType,
	slidingWindowSize,
	minimumNumberOfCalls,
}: Options): number =>
	slidingWindowType === 'count-based'
		? Math.min(minimumNumberOfCalls, slidingWindowSize)
		: minimumNumberOfCalls;

/** The failure rate that the breaker opens at now, in per cent; 0 while that rule is off. */
export const currentThreshold = ({ baseline }: State, options: Options): number =>
	baseline && isAdaptive(options)
		? baseline.threshold(options, minimumCalls(options))
		: options.failureRateThreshold;
