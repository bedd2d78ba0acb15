import type { Failure } from '../../failure';
import type { RunOnceOptions } from './options';

/** Names one piece of work. */
export interface RunAddress {
	/** Of the step, or shared by several. */
	readonly name: string;
	/** What makes two calls the same work, e.g. the number of an order. Never empty. */
	readonly key: string;
}

/** A call that wants to do a piece of work, unless it is done already. */
export interface BeginRequest
	extends RunAddress, Pick<RunOnceOptions, 'whenRunning' | 'whenFailed' | 'resultTtlMs'> {
	/** Made by the caller and unique for ever, so that a request that is sent twice counts once. */
	readonly runId: string;
	/** How long the work is this call's without `extend`, in ms. Then another may take it over. */
	readonly leaseMs: number;
}

/** The right to do a piece of work. Plain data: it may be stored and come back. */
export interface Run extends RunAddress {
	readonly id: string;
	/** Fencing token: higher than that of every earlier run of the same work. Ms of the store's clock, if possible. */
	readonly token: number;
	/** The shared store could not be reached: started without a record, or by the records of this process alone. */
	readonly degraded?: 'allow' | 'local';
}

/** How a run ended. */
export type RunEnd =
	| { readonly state: 'done'; readonly resultJson: string }
	/** Done, but others cannot be given the result. */
	| { readonly state: 'unkept'; readonly failure: UnkeptFailure }
	| { readonly state: 'failed'; readonly failure: Failure };

/** Why a result is not there. */
export interface UnkeptFailure extends Failure {
	readonly remedy: string;
}

/** What a store answers to `begin`. */
export type RunAnswer =
	/** The work is the caller's, after the one before did not renew its lease if `isTakenOver`. */
	| { readonly status: 'started'; readonly run: Run; readonly isTakenOver: boolean }
	/** Another is at it. Ask again after `awaitEnd`, or when its lease is over. */
	| { readonly status: 'running'; readonly leaseLeftMs: number }
	| { readonly status: 'ended'; readonly end: RunEnd; readonly ageMs: number }
	/** The shared store could not be reached, and nothing may stand in for it. */
	| { readonly status: 'unreachable' };

/**
 * What became of the end of a run. `taken-over`: another run has begun since, whose end counts. `unknown`: the store
 * remembers nothing of the run, or could not be reached.
 */
export type Ending = 'noted' | 'taken-over' | 'unknown';

/** A record in words, for people and tools. */
export interface RunSnapshot {
	/** `lapsed`: whose lease is over, so that the next may take it over. */
	readonly state: 'running' | 'lapsed' | RunEnd['state'];
	readonly token: number;
	/** Since it ended, or until its lease is over (below 0 when it is), in ms. */
	readonly ageMs: number;
}
