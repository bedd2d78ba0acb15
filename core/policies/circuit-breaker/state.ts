import { Baseline } from './baseline';
import type { CallWindows } from './call-windows';
import type { CircuitBreakerOptions } from './options';
import { Probes } from './probes';

type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated';

/**
 * A circuit breaker's state. Every change of `state` starts a new generation; a permit carries the generation it
 * was admitted under, and an outcome from an older one changes nothing. So a slow call from before the trip
 * cannot close the breaker.
 */
export interface CircuitBreakerState extends CallWindows {
	state: CircuitState;
	/** Starts at the creation time in ms, so that it keeps growing when an idle state was forgotten. */
	generation: number;
	/** `Infinity` when calls have passed without a trace since: when, nobody looked. */
	lastCallAt: number;
	consecutiveFailures: number;
	/** Not closed only: when `state` became what it is. */
	since: number;
	/** Adaptive threshold only; undefined until a call leaves the window. Outlives the window when the breaker opens. */
	baseline: Baseline | undefined;
	/** Open only: when probes may start. */
	openUntil: number;
	/** How often it opened since it was last closed; lengthens the wait. */
	timesOpened: number;
	/** Half-open only. */
	probes: Probes | undefined;
}

type Options = CircuitBreakerOptions;
type State = CircuitBreakerState;

export const create = (now: number): State => ({
	state: 'closed',
	generation: now,
	lastCallAt: now,
	consecutiveFailures: 0,
	since: 0,
	countWindow: undefined,
	timeWindow: undefined,
	baseline: undefined,
	openUntil: 0,
	timesOpened: 0,
	probes: undefined,
});

/** Calls that passed may have been made until this moment, so the state was not idle. */
export function notePassed(state: State, now: number): void {
	if (state.lastCallAt === Infinity) state.lastCallAt = now;
}

export const isAdaptive = ({ thresholdStrategy, failureRateThreshold }: Options): boolean =>
	thresholdStrategy === 'adaptive' && failureRateThreshold > 0;

/** What calls that leave the window teach; undefined where the threshold is fixed. */
export function baselineOf(state: State, options: Options): Baseline | undefined {
	if (!isAdaptive(options)) return undefined;
	return (state.baseline ??= new Baseline());
}

/** Lets leave the window what has left it by now, and teach; a count window's calls leave only for others. */
export function advanceWindow(state: State, options: Options, now: number): void {
	if (options.slidingWindowType === 'time-based')
		state.timeWindow?.advance(now, baselineOf(state, options));
}

function forget(state: State): void {
	state.countWindow = undefined;
	state.timeWindow = undefined;
	state.consecutiveFailures = 0;
}

export function close(state: State): void {
	forget(state);
	state.state = 'closed';
	state.since = 0;
	state.generation++;
	state.timesOpened = 0;
	state.probes = undefined;
}

/** Multiplied step by step: other implementations of this machine round powers differently. */
function waitWhenOpen(options: Options, timesOpened: number): number {
	const { waitDurationInOpenStateMs, waitDurationMultiplier, maxWaitDurationInOpenStateMs } =
		options;
	const longest = Math.max(maxWaitDurationInOpenStateMs, waitDurationInOpenStateMs);
	let wait = waitDurationInOpenStateMs;
	for (let time = 0; time < timesOpened && wait < longest && waitDurationMultiplier > 1; time++)
		wait *= waitDurationMultiplier;
	return Math.ceil(Math.min(wait, longest));
}

export function trip(state: State, options: Options, now: number): void {
	forget(state);
	// Of one that is open already only the wait begins anew.
	if (state.state !== 'open') state.since = now;
	state.state = 'open';
	state.generation++;
	state.openUntil = now + waitWhenOpen(options, state.timesOpened);
	state.timesOpened++;
	state.probes = undefined;
}

export function startHalfOpen(state: State, now: number): void {
	if (state.state !== 'half-open') state.since = now;
	state.state = 'half-open';
	state.generation++;
	state.probes = new Probes();
}

/** Turns all calls away until someone closes it. */
export function isolate(state: State, now: number): void {
	const since = state.state === 'isolated' ? state.since : now;
	close(state);
	state.state = 'isolated';
	state.since = since;
}

/** From when on nothing of the state counts any more; an isolated breaker is never forgotten. */
export function forgottenAt(state: State, options: Options): number {
	switch (state.state) {
		case 'isolated':
			return Infinity;
		case 'open':
			return Math.max(state.openUntil, state.lastCallAt) + options.idleResetMs;
		case 'half-open':
			return Math.max(state.probes!.lastLeaseEnd(), state.lastCallAt) + options.idleResetMs;
		case 'closed':
			return state.lastCallAt + options.idleResetMs;
	}
}

export const isForgotten = (state: State, options: Options, now: number): boolean =>
	now >= forgottenAt(state, options);

/** Makes a state that is forgotten a fresh one. */
export function startOverIfForgotten(state: State, options: Options, now: number): void {
	if (isForgotten(state, options, now)) startOver(state);
}

/** Closes, and does not even remember how often calls usually fail. */
export function startOver(state: State): void {
	close(state);
	state.baseline = undefined;
}
