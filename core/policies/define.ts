import { parseOptions } from '../options';
import { breakerQuorumOptions } from './breaker-quorum';
import { bulkheadOptions } from './bulkhead';
import { circuitBreakerOptions } from './circuit-breaker';
import type { Guard, PolicyDefinition, PolicyKind } from './definition';
import { checkPriority } from './priority';
import { rateLimiterOptions } from './rate-limiter';
import { retryBudgetOptions } from './retry-budget';
import { timeoutOptions } from './timeout';

/** The options schema of each kind of policy that keeps state. */
export const optionsSchemas = {
	'circuit-breaker': circuitBreakerOptions,
	'breaker-quorum': breakerQuorumOptions,
	'rate-limiter': rateLimiterOptions,
	bulkhead: bulkheadOptions,
	'retry-budget': retryBudgetOptions,
	timeout: timeoutOptions,
} as const;

export type DefinitionOf<Kind extends PolicyKind> = Extract<PolicyDefinition, { kind: Kind }>;

/**
 * A policy under a name, with validated options. Calls that use the same kind and name share its state.
 * @throws {InvalidOptionError} when an option cannot be used.
 */
export function definePolicy<Kind extends PolicyKind>(
	kind: Kind,
	name: string,
	options: Readonly<Record<string, unknown>> = {},
): DefinitionOf<Kind> {
	return {
		kind,
		name,
		options: parseOptions(optionsSchemas[kind], options),
	} as unknown as DefinitionOf<Kind>;
}

/**
 * A policy applied to calls of one key.
 * @throws {InvalidOptionError} when the priority is none.
 */
export function guard(policy: PolicyDefinition, key = '', weight = 1, priority = 0): Guard {
	checkPriority(priority);
	return { policy, key, weight, priority };
}
