import type { RedisSettings } from '../../../adapters/redis';
import type { Outcome } from '../../../core/outcome';
import type {
	Admission,
	Ending,
	Holding,
	Permit,
	PolicyDefinition,
	PolicyKind,
	Run,
	RunAnswer,
	RunEnd,
} from '../../../core/ports';
import type { RunOncePolicy, RunOutcome } from '../../../core/run-once';
import type { CallRecord } from '../call-history';
import type { LeasedCall } from './leased-calls';

/** What a worker is started with. */
export interface WorkerSettings {
	readonly redis: RedisSettings;
	/** How far its clock is ahead, in ms. */
	readonly clockAheadMs: number;
}

/** Calls of one policy after the other, many at a time. */
export interface HammerPlan {
	readonly policies: readonly PolicyDefinition[];
	readonly durationMs: number;
	/** Calls at a time. */
	readonly inFlight: number;
	readonly leaseMs: number;
	/** So many of a thousand take longer than a lease. */
	readonly longCalls: number;
	/** So many of a thousand of a bulkhead's are abandoned, as if their process had died. */
	readonly abandonedCalls: number;
	readonly seed: number;
}

/** What can be asked of a worker, and what it answers. */
export interface WorkerMethods {
	hammer(plan: HammerPlan): Promise<CallRecord[]>;
	/** Makes calls under all limiters at once, by local leases, and tells those that were let through. */
	useLeases(policies: readonly PolicyDefinition[], durationMs: number): Promise<LeasedCall[]>;
	/** Lets calls in until `count` are granted or one is not. */
	admit(policy: PolicyDefinition, count: number, leaseMs: number): Promise<Admission[]>;
	settle(permit: Permit, outcome: Outcome): Promise<Holding>;
	extend(permit: Permit, leaseMs: number): Promise<Holding>;
	figure(kind: PolicyKind, name: string, figureName: string): Promise<number>;
	now(): Promise<number>;
	/** Begins work and renews its lease until it is ended. */
	beginRun(policy: RunOncePolicy, key: string, leaseMs: number): Promise<RunAnswer>;
	endRun(run: Run, end: RunEnd): Promise<Ending>;
	/** Runs work for each key, all at once: what became of each, and which the worker did itself. */
	runAll(
		policy: RunOncePolicy,
		keys: readonly string[],
		leaseMs: number,
	): Promise<{ readonly outcomes: ReadonlyArray<RunOutcome<string>>; readonly done: string[] }>;
}

export type MethodName = keyof WorkerMethods;

export interface Question {
	readonly id: number;
	readonly method: MethodName;
	readonly args: readonly unknown[];
}

export type Answer =
	| { readonly id: number; readonly answer: unknown }
	| { readonly id: number; readonly error: string };
