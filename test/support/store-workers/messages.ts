import type { RedisSettings } from '../../../adapters/redis';
import type { Outcome } from '../../../core/outcome';
import type { Admission, Holding, Permit, PolicyDefinition, PolicyKind } from '../../../core/ports';
import type { CallRecord } from '../call-history';

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
	/** Lets calls in until `count` are granted or one is not. */
	admit(policy: PolicyDefinition, count: number, leaseMs: number): Promise<Admission[]>;
	settle(permit: Permit, outcome: Outcome): Promise<Holding>;
	extend(permit: Permit, leaseMs: number): Promise<Holding>;
	figure(kind: PolicyKind, name: string, figureName: string): Promise<number>;
	now(): Promise<number>;
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
