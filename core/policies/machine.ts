import type { Outcome } from '../outcome';

/**
 * State machines come in two shapes; both are deterministic, take the time as an argument and do no I/O.
 *
 * `judge` answers in milliseconds: 0 lets the call pass, a positive number says when asking again is worth it,
 * `Infinity` that time alone does not help. It changes nothing, so a rejection by one policy consumes nothing of
 * the others. `take` follows only when every policy of the call has let it pass.
 */

/** A machine whose state is a few numbers, all 0 at first, so that a store can keep many keys in little memory. */
export interface CellMachine<Options> {
	/** How many numbers one state has. */
	readonly size: number;
	judge(cells: Float64Array, offset: number, options: Options, now: number, call: CellCall): number;
	/** Takes the call in and returns the token that its refund must show. */
	take(cells: Float64Array, offset: number, options: Options, now: number, call: CellCall): number;
	/**
	 * Gives back what a call took that was not made, as far as it still counts: never so much that the calls that were
	 * made count for less than if they had come alone.
	 */
	refund(cells: Float64Array, offset: number, options: Options, call: RefundedCall): void;
	/** Learns from how a call ended, where a machine does. Returns whether that changed anything. */
	settle?(
		cells: Float64Array,
		offset: number,
		options: Options,
		now: number,
		outcome: Outcome,
	): boolean;
	/** From when on the state equals a fresh one, so that forgetting it changes nothing. */
	idleAt(cells: Float64Array, offset: number, options: Options): number;
	/**
	 * Options by which every state is idle at the latest moment that it is by any of the two: `known` itself where
	 * `options` keep no state for longer. Left out where all options that share states agree on it.
	 */
	lastingOptions?(known: Options, options: Options): Options;
	/** The state in figures, for people. */
	inspect(
		cells: Float64Array,
		offset: number,
		options: Options,
		now: number,
	): Record<string, number>;
}

/** What a cell machine needs to know of a call. */
interface CellCall {
	readonly weight: number;
	readonly attempt: number;
	readonly priority: number;
}

/** What a cell machine needs to know of a call that was admitted and then not made. */
export interface RefundedCall {
	readonly weight: number;
	/** What `take` returned. */
	readonly token: number;
	/** When it was taken in, in ms. */
	readonly takenAt: number;
}

/** A machine with a state of its own making. */
export interface RecordMachine<State, Options> {
	create(now: number): State;
	judge(state: State, options: Options, now: number, call: RecordCall): number;
	/** Takes the call in and returns the token (generation) that its settlement must show. */
	take(state: State, options: Options, now: number, call: RecordCall, leaseUntil: number): number;
	/** Whether a call that was just taken holds something until it is settled. */
	isLeased(state: State): boolean;
	/** Returns whether the permit was still held. */
	settle(
		state: State,
		options: Options,
		now: number,
		permitId: string,
		token: number,
		outcome: Outcome,
	): boolean;
	/** Returns whether the permit is still held, and if so holds it until `leaseUntil`. */
	extend(
		state: State,
		options: Options,
		now: number,
		permitId: string,
		token: number,
		leaseUntil: number,
	): boolean;
	/**
	 * The token of a call that would leave no trace in the state unless it fails: it needs no `take`, and no `settle`
	 * when it succeeds while the answer is still the same. Undefined where every call is noted.
	 */
	passToken?(state: State, options: Options): number | undefined;
	/** From when on the state equals a fresh one. Calls that passed since this was last asked count as made `now`. */
	idleAt(state: State, options: Options, now: number): number;
	/** As for cells. */
	lastingOptions?(known: Options, options: Options): Options;
	inspect(state: State, options: Options, now: number): Inspected;
}

/** What a state is, for people. */
export interface Inspected {
	readonly state: string;
	/** See `PolicySnapshot`. */
	readonly since?: number;
	readonly figures: Record<string, number>;
}

/** What a record machine needs to know of a call. */
export interface RecordCall {
	readonly permitId: string;
	readonly priority: number;
}

/** `lastingOptions` of machines whose states are kept `idleResetMs` beyond what happens in them. */
export const lastingByIdleReset = <Options extends { readonly idleResetMs: number }>(
	known: Options,
	{ idleResetMs }: Options,
): Options => (idleResetMs > known.idleResetMs ? { ...known, idleResetMs } : known);
