import type { Outcome } from '../../core/outcome';
import type { Inspected } from '../../core/policies/machine';
import type { AdmitRequest, Guard } from '../../core/ports';

/** All states of one policy in this process. */
export interface PolicyTable {
	/** How many keys are remembered. */
	readonly size: number;
	/** 0 lets the call pass; else milliseconds until asking again is worth it. */
	judge(guard: Guard, request: AdmitRequest, now: number): number;
	/** Takes the call in and returns the token for its settlement. */
	take(guard: Guard, request: AdmitRequest, now: number): number;
	/** Whether a call that was just taken holds something until it is settled. */
	isLeased(key: string): boolean;
	/** Returns whether the permit was still held. */
	settle(guard: Guard, permitId: string, token: number, outcome: Outcome, now: number): boolean;
	/** Gives back all that a call took at `takenAt`. */
	refund(guard: Guard, permitId: string, token: number, takenAt: number, now: number): void;
	/** Returns whether the permit is still held, and if so holds it until `leaseUntil`. */
	extend(guard: Guard, permitId: string, token: number, leaseUntil: number, now: number): boolean;
	inspect(key: string, now: number): Inspected | undefined;
	forget(key: string): void;
	/** Keys that are kept as they are; those that are too long for it are left out. */
	keys(): Iterable<string>;
	/**
	 * Looks at the next `count` keys, round and round, and forgets the idle ones.
	 * @returns how many it looked at: fewer when it came to the end.
	 */
	sweep(now: number, count: number): number;
}
