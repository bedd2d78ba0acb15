/**
 * Every error Bulwark raises on its own account. Each carries a stable `code`, a `message` that says what
 * happened, and a `remedy` that says what to do about it. Errors of the guarded work pass through untouched.
 */
export abstract class BulwarkError extends Error {
	/** Stable, upper-case identifier; safe to match on. */
	abstract readonly code: string;

	constructor(
		message: string,
		/** What the reader can do about it. */
		readonly remedy: string,
	) {
		super(message);
		this.name = new.target.name;
	}
}

/** An option has a value that the policy cannot work with. */
export class InvalidOptionError extends BulwarkError {
	readonly code = 'INVALID_OPTION';

	constructor(
		/** The option's title, as the user sees it. */
		readonly parameter: string,
		/** The offending value, shortened and safe to print. */
		readonly value: string,
		/** What is wrong with it. */
		readonly problem: string,
		remedy: string,
	) {
		super(`"${parameter}" is ${value}: ${problem}`, remedy);
	}
}

/** Which policy turned a call away. */
export type RejectionCode =
	| 'CIRCUIT_OPEN'
	| 'RATE_LIMITED'
	| 'BULKHEAD_FULL'
	| 'RETRY_BUDGET_EXHAUSTED'
	| 'DEADLINE_EXCEEDED'
	| 'ALREADY_RUNNING'
	| 'ALREADY_DONE'
	| 'STORE_UNREACHABLE';

/** A policy turned the call away before it started. Never counted as a failure of the guarded work. */
export class RejectedError extends BulwarkError {
	constructor(
		readonly code: RejectionCode,
		/** Name of the policy that rejected. */
		readonly policy: string,
		/** Key within the policy; empty when the policy has a single state. */
		readonly key: string,
		/** Milliseconds until asking again is worth it; `Infinity` when time alone does not help. */
		readonly retryAfterMs: number,
		message: string,
		remedy: string,
	) {
		super(message, remedy);
	}
}

/** The guarded work took longer than its timeout; the work may still be running. */
export class TimeoutError extends BulwarkError {
	readonly code = 'TIMEOUT';

	constructor(
		/** The timeout that was exceeded, in ms. */
		readonly timeoutMs: number,
		scope: 'attempt' | 'call',
	) {
		super(
			`The ${scope} did not finish within ${timeoutMs} ms`,
			'Raise the timeout, or find out why the protected work is slow',
		);
	}
}

/** The work cannot succeed by being tried again, and says nothing of the service it calls. */
export class PermanentError extends BulwarkError {
	readonly code = 'PERMANENT';
}

/** The work was done, but others cannot be given its result. */
export class RunNotKeptError extends BulwarkError {
	readonly code = 'RUN_NOT_KEPT';
}

/** The work was done, but another call had taken it over: its result counts. */
export class RunLostError extends BulwarkError {
	readonly code = 'RUN_LOST';
}

/** The caller cancelled while the call was waiting or running. */
export class CancelledError extends BulwarkError {
	readonly code = 'CANCELLED';

	constructor(doing: string) {
		super(`Cancelled while ${doing}`, 'Nothing to do: the execution was stopped or timed out');
	}
}

/** Why a shared store did not do what it was asked. */
export type StoreErrorCode =
	| 'STORE_UNREACHABLE'
	| 'STORE_ACCESS_DENIED'
	| 'STORE_FAILED'
	/** It answers; only what it holds of this one state cannot be read. */
	| 'STORE_STATE_INVALID';

/** A shared store did not do what it was asked. Never holds the request, in which there may be a password. */
export class StoreError extends BulwarkError {
	constructor(
		readonly code: StoreErrorCode,
		message: string,
		remedy: string,
	) {
		super(message, remedy);
	}
}

/** Whether a store that failed a request would do others. */
export const isOfOneState = (error: unknown): error is StoreError =>
	error instanceof StoreError && error.code === 'STORE_STATE_INVALID';
