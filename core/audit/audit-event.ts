import type { Principal } from '../access';

/**
 * `started`: something that changes the stack is about to be done; what became of it follows. `done` and `failed`: it was
 * tried. `refused`: it was not.
 */
export type AuditOutcome = 'started' | 'done' | 'failed' | 'refused';

/** One thing that somebody asked for, and what became of it. Holds no secret. */
export interface AuditEvent {
	/** Ms since the epoch. */
	readonly at: number;
	readonly who: Principal;
	/** Name of the tool, or of what was done by the server itself. */
	readonly operation: string;
	/** What it was asked with. */
	readonly input: unknown;
	readonly outcome: AuditOutcome;
	/** Why it failed or was refused, or what was done. */
	readonly detail?: string;
	/** The plan that was made or applied. */
	readonly planId?: string;
	readonly durationMs?: number;
}
