import type { Principal, Role } from '../access';

/** One thing that applying a plan will do, or leave. */
export interface PlannedStep {
	/** A word for it, such as `enqueue again`; `leave` where nothing is done. */
	readonly action: string;
	/** To what, such as `execution 1234`. */
	readonly subject: string;
	readonly reason: string;
}

/** What somebody may have done: shown first, and applied once at most, while what it was made from is still so. */
export interface ChangePlan {
	readonly id: string;
	/** Name of the kind of change. */
	readonly kind: string;
	/** Whether something is lost for good when it is applied. */
	readonly effect: 'repairs' | 'destroys';
	/** What applying it takes. */
	readonly role: Role;
	/** In a sentence. */
	readonly summary: string;
	readonly steps: readonly PlannedStep[];
	readonly madeBy: Principal;
	/** Ms since the epoch. */
	readonly madeAt: number;
	readonly expiresAt: number;
	/** Of what the plan was made from, so that it is not applied to something else. */
	readonly stateDigest: string;
	/** Cannot be guessed: whoever answers by it was asked about this plan and no other. */
	readonly question: string;
	/** What was asked for: plain data, enough to look again and to do it. */
	readonly request: unknown;
}

/** Keeps plans from when they are made until after they have expired, for all replicas of a server. */
export interface PlanStore {
	/** @param keptMs how long it is remembered at least. */
	save(plan: ChangePlan, keptMs: number): Promise<void>;
	/** Undefined when nothing is remembered of it. */
	find(id: string): Promise<{ readonly plan: ChangePlan; readonly isUsed: boolean } | undefined>;
	/** Marks it as used: applied, or declined. True for exactly one caller, whichever process they are in. */
	use(id: string): Promise<boolean>;
}
