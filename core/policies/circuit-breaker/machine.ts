import type { OverrideAction } from '../override-action';
import { lastingByIdleReset, type RecordCall, type RecordMachine } from '../machine';
import { windowOf } from './call-windows';
import type { CircuitBreakerOptions } from './options';
import type { Probes } from './probes';
import { currentThreshold, isSlow, shouldTrip } from './rules';
import {
	advanceWindow,
	close,
	create,
	forgottenAt,
	isForgotten,
	isolate,
	notePassed,
	startHalfOpen,
	startOver,
	startOverIfForgotten,
	trip,
	type CircuitBreakerState,
} from './state';

type Options = CircuitBreakerOptions;
type State = CircuitBreakerState;

/** A call that has no permit yet. */
const NOBODY: RecordCall = { permitId: '', priority: 0 };

export const circuitBreaker: RecordMachine<State, Options> = {
	create,

	judge(state, options, now, { permitId }) {
		if (state.state === 'closed') return 0;
		if (state.state === 'isolated') return Infinity;
		if (state.state === 'open') return Math.max(0, state.openUntil - now);
		return judgeProbe(state.probes!, options, now, permitId);
	},

	take(state, options, now, { permitId }, leaseUntil) {
		notePassed(state, now);
		startOverIfForgotten(state, options, now);
		if (state.state === 'open') startHalfOpen(state, now);
		if (state.state === 'half-open' && !state.probes!.holds(permitId, now)) {
			// All probes of this generation were started and some never reported: a fresh generation asks again.
			if (state.probes!.started >= options.permittedNumberOfCallsInHalfOpenState)
				startHalfOpen(state, now);
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
		const verdict = probes.verdict(options, currentThreshold(state, options));
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
		// Only failures in a row are counted, and there are none; nor has a step that shares it anything to count in.
		const leavesNoTrace =
			state.state === 'closed' &&
			state.consecutiveFailures === 0 &&
			!state.countWindow &&
			!state.timeWindow &&
			!state.baseline &&
			options.failureRateThreshold === 0 &&
			options.slowCallRateThreshold === 0;
		if (!leavesNoTrace) return undefined;
		state.lastCallAt = Infinity;
		return state.generation;
	},

	idleAt(state, options, now) {
		notePassed(state, now);
		return forgottenAt(state, options);
	},

	lastingOptions: lastingByIdleReset,

	inspect(state, options, now) {
		advanceWindow(state, options, now);
		const window = windowOf(state, options);
		const calls = window?.total ?? 0;
		const retryAfterMs = circuitBreaker.judge(state, options, now, NOBODY);
		return {
			state: state.state,
			...(state.state !== 'closed' && { since: state.since }),
			figures: {
				generation: state.generation,
				calls,
				failureRate: calls ? (window!.failures / calls) * 100 : 0,
				failureRateThreshold: currentThreshold(state, options),
				slowCallRate: calls ? (window!.slows / calls) * 100 : 0,
				consecutiveFailures: state.consecutiveFailures,
				timesOpened: state.timesOpened,
				...(Number.isFinite(retryAfterMs) && { retryAfterMs }),
				probesStarted: state.probes?.started ?? 0,
			},
		};
	},
};

/** Changes a breaker by hand: trip it, close it, or isolate it until someone closes it again; a reset forgets all. */
export function overrideCircuitBreaker(
	state: State,
	options: Options,
	now: number,
	action: OverrideAction,
): void {
	notePassed(state, now);
	startOverIfForgotten(state, options, now);
	advanceWindow(state, options, now);
	if (action === 'open') trip(state, options, now);
	else if (action === 'reset') startOver(state);
	else if (action === 'isolate') isolate(state, now);
	else close(state);
	state.lastCallAt = now;
}

function judgeProbe(probes: Probes, options: Options, now: number, permitId: string): number {
	if (probes.holds(permitId, now)) return 0;
	if (probes.started < options.permittedNumberOfCallsInHalfOpenState) return 0;
	// The verdict is open because some probe has not reported; when no lease is left, none will.
	return Math.max(0, probes.lastLeaseEnd() - now);
}
