import type { OverrideAction } from '../override-action';
import type { RecordMachine } from '../machine';
import type { BreakerQuorumOptions } from './options';

/** Who finds a breaker open, and what an operator made of it. */
export interface BreakerQuorumState {
	/** By voter: until when its vote stands. */
	votes: Map<string, number>;
	/** Opened by hand: until then all calls are turned away. */
	openUntil: number;
	/** Turns all calls away until someone closes it. */
	isIsolated: boolean;
	/** Not closed only: since when it is open, or isolated. */
	since: number;
}

type Options = BreakerQuorumOptions;
type State = BreakerQuorumState;

/**
 * Votes of workers, each with a breaker of its own, that a service is down. Calls are turned away while a quorum of
 * votes stands; a vote lapses by itself. A settlement votes by its token: above 0 for so many ms from now, below 0 it
 * takes the vote back, 0 changes nothing.
 */
export const breakerQuorum: RecordMachine<State, Options> = {
	create: () => ({ votes: new Map(), openUntil: 0, isIsolated: false, since: 0 }),

	judge: (state, options, now) => leftMs(state, options, now),

	take: () => 0,

	isLeased: () => false,

	settle(state, options, now, _permitId, token) {
		if (token === 0) return true;
		const { voter } = options;
		const before = nameOf(state, options, now);
		for (const [other, until] of state.votes) if (until <= now) state.votes.delete(other);
		if (token > 0) state.votes.set(voter, now + token);
		else state.votes.delete(voter);
		noteChange(state, options, now, before);
		return true;
	},

	extend: () => true,

	idleAt: ({ votes, openUntil, isIsolated }) =>
		isIsolated ? Infinity : Math.max(openUntil, ...votes.values()),

	inspect(state, options, now) {
		const name = nameOf(state, options, now);
		const retryAfterMs = leftMs(state, options, now);
		return {
			state: name,
			...(name !== 'closed' && { since: state.since }),
			figures: {
				votes: standingVotes(state, now).length,
				quorum: options.quorum,
				...(Number.isFinite(retryAfterMs) && { retryAfterMs }),
			},
		};
	},
};

/** Opens or isolates for all workers; to close or reset it is to drop all votes. */
export function overrideBreakerQuorum(
	state: State,
	options: Options,
	now: number,
	action: OverrideAction,
): void {
	const before = nameOf(state, options, now);
	if (action === 'close' || action === 'reset') state.votes.clear();
	state.openUntil = action === 'open' ? now + options.waitDurationInOpenStateMs : 0;
	state.isIsolated = action === 'isolate';
	noteChange(state, options, now, before);
}

/** How long calls are turned away yet, in ms. */
function leftMs(state: State, { quorum }: Options, now: number): number {
	if (state.isIsolated) return Infinity;
	const standing = standingVotes(state, now);
	const lastNeeded = standing.length >= quorum ? standing[standing.length - quorum]! : 0;
	return Math.max(0, lastNeeded - now, state.openUntil - now);
}

function nameOf(state: State, options: Options, now: number): 'isolated' | 'open' | 'closed' {
	if (state.isIsolated) return 'isolated';
	return leftMs(state, options, now) > 0 ? 'open' : 'closed';
}

/** Votes also lapse by themselves, so what it was before is known just before the change only. */
function noteChange(state: State, options: Options, now: number, before: string): void {
	if (nameOf(state, options, now) !== before) state.since = now;
}

/** When each vote that stands lapses, the next one first. */
const standingVotes = ({ votes }: State, now: number): number[] =>
	[...votes.values()].filter((until) => until > now).sort((one, other) => one - other);
