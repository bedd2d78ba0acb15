import type { DefinitionOf } from '../policies/define';
import type { Guard } from '../ports';

/** A guard that a call asks a rate limiter by. */
export interface LimiterGuard extends Guard {
	readonly policy: DefinitionOf<'rate-limiter'>;
}

export const isLimiterGuard = (guard: Guard): guard is LimiterGuard =>
	guard.policy.kind === 'rate-limiter';
