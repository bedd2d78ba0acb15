import type { Baseline } from './baseline';
import { CountWindow } from './count-window';
import type { CircuitBreakerOptions } from './options';
import { TimeWindow } from './time-window';

/** The calls that a breaker's rates are computed over. */
export interface CallWindow {
	readonly total: number;
	readonly failures: number;
	readonly slows: number;
}

/**
 * What steps that share a breaker ask for: one window of each kind, as large as any of them asked for. It begins empty
 * when it is first asked for, and from then on holds the calls of all of them.
 */
export interface CallWindows {
	/** The last calls; undefined until a step asks for it. */
	countWindow: CountWindow | undefined;
	/** The calls of the last seconds; undefined until a step asks for it. */
	timeWindow: TimeWindow | undefined;
}

const isByCount = ({ slidingWindowType }: CircuitBreakerOptions): boolean =>
	slidingWindowType === 'count-based';

const hasRates = ({
	failureRateThreshold,
	slowCallRateThreshold,
}: CircuitBreakerOptions): boolean => failureRateThreshold > 0 || slowCallRateThreshold > 0;

/**
 * Notes a call in each window there is, and in the one that the options ask for. What leaves that one teaches the
 * baseline, if there is one; what leaves the other does not, or calls would teach twice.
 * @returns the window to judge by; undefined where the options have no rule that needs one.
 */
export function countCall(
	windows: CallWindows,
	options: CircuitBreakerOptions,
	now: number,
	failed: boolean,
	slow: boolean,
	baseline: Baseline | undefined,
): CallWindow | undefined {
	const window = hasRates(options) ? provide(windows, options, now) : undefined;
	const byCount = isByCount(options);
	windows.countWindow?.add(failed, slow, byCount ? baseline : undefined);
	windows.timeWindow?.add(failed, slow, now, byCount ? undefined : baseline);
	return window;
}

/** The window that the options ask for; undefined while it was never asked for. */
export const windowOf = (
	{ countWindow, timeWindow }: CallWindows,
	options: CircuitBreakerOptions,
): CallWindow | undefined => (isByCount(options) ? countWindow : timeWindow);

/** The window of the kind that the options ask for, no smaller than they ask. */
function provide(windows: CallWindows, options: CircuitBreakerOptions, now: number): CallWindow {
	if (isByCount(options)) {
		const { slidingWindowSize: size } = options;
		return (windows.countWindow = windows.countWindow?.grownTo(size) ?? new CountWindow(size));
	}
	const { slidingWindowDurationMs: durationMs } = options;
	return (windows.timeWindow =
		windows.timeWindow?.grownTo(durationMs, now) ?? new TimeWindow(durationMs));
}
