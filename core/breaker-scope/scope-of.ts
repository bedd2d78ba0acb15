import type { DefinitionOf } from '../policies/define';
import type { Guard, PolicyDefinition } from '../ports';

/** A guard whose breaker each worker has for itself. */
export interface OwnGuard extends Guard {
	readonly policy: DefinitionOf<'circuit-breaker'>;
}

/** Whether each worker has the breaker for itself, alone or to vote by. */
export const isOwn = (policy: PolicyDefinition): policy is OwnGuard['policy'] =>
	policy.kind === 'circuit-breaker' && policy.options.scope !== 'shared';

export const isOwnGuard = (guard: Guard): guard is OwnGuard => isOwn(guard.policy);

/** Whether workers vote on it. */
export const isVotedOn = ({ options }: OwnGuard['policy']): boolean => options.scope === 'quorum';
