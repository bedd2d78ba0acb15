import { guard } from '../policies/define';
import type { Guard } from '../ports';
import type { CallKeys, PipelineDefinition } from './definition';

/** The guards of one call: what its first attempt and each further attempt must be admitted by. */
export interface CallGuards {
	readonly first: readonly Guard[];
	readonly further: readonly Guard[];
}

/** Binds a pipeline's policies to the keys of a call, in the order in which they judge. */
export function bindGuards(definition: PipelineDefinition, keys: CallKeys): CallGuards {
	const { rateLimiter, retryBudget, circuitBreakers = [], bulkhead, attemptTimeout } = definition;
	const perAttempt: Guard[] = [];
	if (retryBudget) perAttempt.push(guard(retryBudget, keys.retryBudget));
	circuitBreakers.forEach((breaker, index) =>
		perAttempt.push(guard(breaker, keys.circuitBreakers?.[index])),
	);
	if (bulkhead) perAttempt.push(guard(bulkhead, keys.bulkhead, 1, keys.priority));
	if (attemptTimeout?.options.strategy === 'adaptive')
		perAttempt.push(guard(attemptTimeout, keys.attemptTimeout));
	// The limiter stands outside the retry: a call is counted once, however often it is tried.
	const first = rateLimiter
		? [guard(rateLimiter, keys.rateLimiter, keys.weight, keys.priority), ...perAttempt]
		: perAttempt;
	return { first, further: perAttempt };
}
