import { lastingByIdleReset, type RecordCall, type RecordMachine } from '../machine';
import {
	concurrencyLimit,
	forgottenAt,
	learn,
	noteCall,
	type AdaptiveLimit,
} from './adaptive-limit';
import type { BulkheadOptions } from './options';

/** A call that waits for a slot. */
interface Ticket {
	readonly permitId: string;
	readonly priority: number;
	/** When the ticket lapses unless it is shown again; so a waiter that died does not hold up the others. */
	expiresAt: number;
}

/** Slots are leases: a holder that dies gives its slot back when the lease runs out. */
export interface BulkheadState {
	/** Permit id -> end of its lease. */
	readonly holders: Map<string, number>;
	/** No lease ends before this, so until then nothing needs to be looked through. */
	firstLeaseEnd: number;
	/** Waiting calls, next first: by priority, then by arrival. */
	readonly queue: Ticket[];
	/** Undefined while the limit is fixed. */
	adaptiveLimit: AdaptiveLimit | undefined;
}

type State = BulkheadState;
type Options = BulkheadOptions;

export const bulkhead: RecordMachine<State, Options> = {
	create: () => ({
		holders: new Map(),
		firstLeaseEnd: Infinity,
		queue: [],
		adaptiveLimit: undefined,
	}),

	judge(state, options, now, { permitId, priority }) {
		if (state.holders.has(permitId) && state.holders.get(permitId)! > now) return 0;
		const free = limitOf(state, options, now) - holderCount(state, now);
		if (state.queue.length === 0) return free > 0 ? 0 : Infinity;
		return free > waitingAhead(state, now, permitId, priority) ? 0 : Infinity;
	},

	take(state, options, now, { permitId }, leaseUntil) {
		leaveQueue(state, permitId);
		hold(state, permitId, leaseUntil);
		state.adaptiveLimit = noteCall(state.adaptiveLimit, options, now);
		return state.adaptiveLimit?.falls ?? 0;
	},

	isLeased: () => true,

	settle(state, options, now, permitId, token, outcome) {
		const isHeld = (state.holders.get(permitId) ?? 0) > now;
		if (isHeld && options.strategy !== 'fixed') {
			const limit = (state.adaptiveLimit = noteCall(state.adaptiveLimit, options, now)!);
			learn(limit, options, now, token, holderCount(state, now), outcome);
		}
		state.holders.delete(permitId);
		return isHeld;
	},

	extend(state, options, now, permitId, _token, leaseUntil) {
		const leaseEnd = state.holders.get(permitId);
		if (leaseEnd === undefined || leaseEnd <= now) return false;
		hold(state, permitId, leaseUntil);
		state.adaptiveLimit = noteCall(state.adaptiveLimit, options, now);
		return true;
	},

	idleAt(state, options) {
		const { adaptiveLimit } = state;
		let last = adaptiveLimit ? forgottenAt(adaptiveLimit, options) : 0;
		for (const end of state.holders.values()) last = Math.max(last, end);
		for (const ticket of state.queue) last = Math.max(last, ticket.expiresAt);
		return last;
	},

	lastingOptions: lastingByIdleReset,

	inspect(state, options, now) {
		const holders = holderCount(state, now);
		const queued = state.queue.filter(({ expiresAt }) => expiresAt > now).length;
		const limit = limitOf(state, options, now);
		return {
			state: holders >= limit ? 'saturated' : 'active',
			figures: { limit, holders, queued },
		};
	},
};

/**
 * Puts a call into the queue, or renews its ticket.
 * @returns how many are ahead of it, or -1 when the queue is full.
 */
export function enqueue(
	state: State,
	options: Options,
	now: number,
	call: RecordCall,
	ticketMs: number,
): number {
	dropLapsedTickets(state, now);
	const { queue } = state;
	const place = queue.findIndex(({ permitId }) => permitId === call.permitId);
	if (place >= 0) {
		queue[place]!.expiresAt = now + ticketMs;
		return place;
	}
	if (queue.length >= options.maxQueueSize) return -1;
	const after = queue.findIndex(({ priority }) => priority < call.priority);
	const index = after < 0 ? queue.length : after;
	queue.splice(index, 0, {
		permitId: call.permitId,
		priority: call.priority,
		expiresAt: now + ticketMs,
	});
	return index;
}

/** Takes a call out of the queue, if it is there. */
export function leaveQueue(state: State, permitId: string): void {
	const place = state.queue.findIndex((ticket) => ticket.permitId === permitId);
	if (place >= 0) state.queue.splice(place, 1);
}

/** The waiting calls that a free slot is there for now. */
export function nextInLine(state: State, options: Options, now: number): string[] {
	dropLapsedTickets(state, now);
	const free = Math.max(0, limitOf(state, options, now) - holderCount(state, now));
	return state.queue.slice(0, free).map(({ permitId }) => permitId);
}

const limitOf = ({ adaptiveLimit }: State, options: Options, now: number): number =>
	concurrencyLimit(adaptiveLimit, options, now);

function hold(state: State, permitId: string, leaseUntil: number): void {
	state.holders.set(permitId, leaseUntil);
	if (leaseUntil < state.firstLeaseEnd) state.firstLeaseEnd = leaseUntil;
}

function holderCount(state: State, now: number): number {
	if (now >= state.firstLeaseEnd) {
		let first = Infinity;
		for (const [permitId, end] of state.holders) {
			if (end <= now) state.holders.delete(permitId);
			else if (end < first) first = end;
		}
		state.firstLeaseEnd = first;
	}
	return state.holders.size;
}

/** The waiting calls that go before this one, whether it waits already or has just come. */
function waitingAhead(state: State, now: number, permitId: string, priority: number): number {
	let ahead = 0;
	for (const ticket of state.queue) {
		if (ticket.priority < priority) break;
		if (ticket.expiresAt <= now) continue;
		if (ticket.permitId === permitId) break;
		ahead++;
	}
	return ahead;
}

function dropLapsedTickets(state: State, now: number): void {
	for (let place = state.queue.length - 1; place >= 0; place--) {
		if (state.queue[place]!.expiresAt <= now) state.queue.splice(place, 1);
	}
}
