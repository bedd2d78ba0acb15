import type { Awaitable } from '../awaitable';
import type {
	BeginRequest,
	Ending,
	Run,
	RunAddress,
	RunAnswer,
	RunEnd,
	RunSnapshot,
} from '../policies/run-once';
import type { Holding } from './policy-store';

/**
 * Remembers which work is under way, done or has failed, by key. At most one run of a piece of work has not been taken
 * over at any time, and only that one's end is noted; a result that was noted does not change for as long as it is kept.
 */
export interface IdempotencyStore {
	/** Starts a piece of work, or says what became of it. */
	begin(request: BeginRequest): Awaitable<RunAnswer>;
	/** Renews a run's lease to `leaseMs` from now; 0 lets the next one take over at once. */
	extend(run: Run, leaseMs: number): Awaitable<Holding>;
	/** Ends a run and wakes who waits for it. The same end a second time changes nothing. */
	end(run: Run, end: RunEnd): Awaitable<Ending>;
	/** Resolves when the answer to a request may be another than `running`, or after `maxMs`. */
	awaitEnd(request: BeginRequest, maxMs: number): Promise<void>;
	/** The request is not made again. */
	withdraw(request: BeginRequest): Awaitable<void>;
	/** Undefined when nothing is remembered. */
	inspect(address: RunAddress): Awaitable<RunSnapshot | undefined>;
	/** By hand: the next call does the work, whatever became of it. */
	forget(address: RunAddress): Awaitable<void>;
}

/** An answer to `ask`: done, with a result that is too large to come along. */
export interface ResultApart extends RunAddress {
	readonly status: 'apart';
	/** Of the run that is done. */
	readonly token: number;
	readonly bytes: number;
	/** Since it ended, in ms. */
	readonly ageMs: number;
}

/** A store from which a large result may be long on its way: that the work is done is known before it is here. */
export interface RemoteIdempotencyStore extends IdempotencyStore {
	/** The first part of `begin`. */
	ask(request: BeginRequest): Promise<RunAnswer | ResultApart>;
	/** The second. Undefined when the result is not kept any more. */
	fetch(result: ResultApart): Promise<RunAnswer | undefined>;
}
