import type { RecordMachine } from '../machine';
import type { CircuitBreakerOptions } from './options';
import { Probes } from './probes';
import { createWindow, type CallWindow } from './window';

export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated';

/**
 * A circuit breaker's state. Every change of `state` starts a new generation; a permit carries the generation it
 * was admitted under, and an outcome from an older one changes nothing. So a slow call from before the trip
 * cannot close the breaker.
 */
export interface CircuitBreakerState {
	state: CircuitState;
	/** Starts at the creation time in ms, so that it keeps growing when an idle state was forgotten. */
	generation: number;
	lastCallAt: number;
	/** Whether calls passed without a trace since `lastCallAt`; when, nobody looked. */
	passed: boolean;
	consecutiveFailures: number;
	/** Undefined until there is something to count. */
	window: CallWindow | undefined;
	/** Open only: when probes may start. */
	openUntil: number;
	/** How often it opened since it was last closed; lengthens the wait. */
	timesOpened: number;
	/** Half-open only. */
	probes: Probes | undefined;
}

type Options = CircuitBreakerOptions;
type State = CircuitBreakerState;

export const circuitBreaker: RecordMachine<State, Options> = {
	create: (now) => ({
		state: 'closed',
		generation: now,
		lastCallAt: now,
		passed: false,
		consecutiveFailures: 0,
		window: undefined,
		openUntil: 0,
		timesOpened: 0,
		probes: undefined,
	}),

	judge(state, options, now, { permitId }) {
		if (state.state === 'closed') return 0;
		if (state.state === 'isolated') return Infinity;
		if (state.state === 'open') return Math.max(0, state.openUntil - now);
		return judgeProbe(state.probes!, options, now, permitId);
	},

	take(state, options, now, { permitId }, leaseUntil) {
		notePassed(state, now);
		if (isForgotten(state, options, now)) close(state);
		if (state.state === 'open') startHalfOpen(state);
		if (state.state === 'half-open' && !state.probes!.holds(permitId, now)) {
			// All probes of this generation were started and some never reported: a fresh generation asks again.
			if (state.probes!.started >= options.permittedNumberOfCallsInHalfOpenState)
				startHalfOpen(state);
			state.probes!.start(permitId, leaseUntil);
		}
		state.lastCallAt = now;
		return state.generation;
	},

	isLeased: (state) => state.state === 'half-open',

	settle(state, options, now, permitId, token, { kind, latencyMs }) {
		if (token !== state.generation) return false;
		notePassed(state, now);
		const failed = kind === 'failure';
		if (state.state === 'closed') {
			// A store that forgot the idle state would not know the permit either.
			if (isForgotten(state, options, now)) return false;
			state.lastCallAt = now;
			if (kind === 'ignored') return true;
			state.consecutiveFailures = failed ? state.consecutiveFailures + 1 : 0;
			if (shouldTrip(state, options, now, failed, isSlow(kind, latencyMs, options)))
				trip(state, options, now);
			return true;
		}
		const probes = state.probes;
		if (!probes?.holds(permitId, now)) return false;
		state.lastCallAt = now;
		if (kind === 'ignored') {
			probes.giveBack(permitId);
			return true;
		}
		probes.finish(permitId, failed, isSlow(kind, latencyMs, options));
		const verdict = probes.verdict(options);
		if (verdict === 'open') trip(state, options, now);
		else if (verdict === 'close') close(state);
		return true;
	},

	extend(state, options, now, permitId, token, leaseUntil) {
		if (token !== state.generation) return false;
		notePassed(state, now);
		if (state.state === 'closed') {
			if (isForgotten(state, options, now)) return false;
			// A call that runs is a call: its outcome is to count, however long it takes.
			state.lastCallAt = now;
			return true;
		}
		if (!state.probes?.holds(permitId, now)) return false;
		state.probes.hold(permitId, leaseUntil);
		return true;
	},

	passToken(state, options) {
		// Only failures in a row are counted, and there are none.
		const leavesNoTrace =
			state.state === 'closed' &&
			state.consecutiveFailures === 0 &&
			options.failureRateThreshold === 0 &&
			options.slowCallRateThreshold === 0;
		if (!leavesNoTrace) return undefined;
		state.passed = true;
		return state.generation;
	},

	idleAt(state, options, now) {
		notePassed(state, now);
		return forgottenAt(state, options);
	},

	inspect(state, _options, now) {
		const { window } = state;
		window?.advance(now);
		const calls = window?.total ?? 0;
		return {
			state: state.state,
			figures: {
				generation: state.generation,
				calls,
				failureRate: calls ? (window!.failures / calls) * 100 : 0,
				slowCallRate: calls ? (window!.slows / calls) * 100 : 0,
				consecutiveFailures: state.consecutiveFailures,
				openForMs: state.state === 'open' ? Math.max(0, state.openUntil - now) : 0,
				probesStarted: state.probes?.started ?? 0,
			},
		};
	},
};

/** Changes a breaker by hand: trip it, close it, or isolate it until someone closes it again. */
export function overrideCircuitBreaker(
	state: State,
	options: Options,
	now: number,
	action: 'open' | 'close' | 'isolate',
): void {
	notePassed(state, now);
	if (isForgotten(state, options, now)) close(state);
	if (action === 'open') trip(state, options, now);
	else close(state);
	if (action === 'isolate') state.state = 'isolated';
	state.lastCallAt = now;
}

const isSlow = (kind: string, latencyMs: number, options: Options): boolean =>
	kind === 'slow' || latencyMs >= options.slowCallDurationThresholdMs;

function judgeProbe(probes: Probes, options: Options, now: number, permitId: string): number {
	if (probes.holds(permitId, now)) return 0;
	if (probes.started < options.permittedNumberOfCallsInHalfOpenState) return 0;
	// The verdict is open because some probe has not reported; when no lease is left, none will.
	return Math.max(0, probes.lastLeaseEnd() - now);
}

function shouldTrip(
	state: State,
	options: Options,
	now: number,
	failed: boolean,
	slow: boolean,
): boolean {
	const { consecutiveFailureThreshold, failureRateThreshold, slowCallRateThreshold } = options;
	if (consecutiveFailureThreshold > 0 && state.consecutiveFailures >= consecutiveFailureThreshold)
		return true;
	if (failureRateThreshold === 0 && slowCallRateThreshold === 0) return false;

	if (!state.window?.fits(options)) state.window = createWindow(options);
	const { window } = state;
	window.add(failed, slow, now);
	if (window.total < minimumCalls(options)) return false;
	return (
		(failureRateThreshold > 0 && window.failures * 100 >= failureRateThreshold * window.total) ||
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

/** Calls that passed may have been made until this moment, so the state was not idle. */
function notePassed(state: State, now: number): void {
	if (state.passed) state.lastCallAt = now;
	state.passed = false;
}

function forget(state: State): void {
	state.window = undefined;
	state.consecutiveFailures = 0;
}

function close(state: State): void {
	forget(state);
	state.state = 'closed';
	state.generation++;
	state.timesOpened = 0;
	state.probes = undefined;
}

function trip(state: State, options: Options, now: number): void {
	forget(state);
	const wait =
		options.waitDurationInOpenStateMs * options.waitDurationMultiplier ** state.timesOpened;
	const longest = Math.max(options.maxWaitDurationInOpenStateMs, options.waitDurationInOpenStateMs);
	state.state = 'open';
	state.generation++;
	state.openUntil = now + Math.ceil(Math.min(wait, longest));
	state.timesOpened++;
	state.probes = undefined;
}

function startHalfOpen(state: State): void {
	state.state = 'half-open';
	state.generation++;
	state.probes = new Probes();
}

/** From when on nothing of the state counts any more; an isolated breaker is never forgotten. */
function forgottenAt(state: State, options: Options): number {
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

const isForgotten = (state: State, options: Options, now: number): boolean =>
	now >= forgottenAt(state, options);
