import type { DefinitionOf } from '../policies/define';
import type { RetryOptions } from '../policies/retry';

/**
 * The policies around one kind of work. Each part is optional; together they apply in Polly's order, outermost
 * first: rate limiter, total timeout, retry, circuit breaker, bulkhead, attempt timeout. (A fallback goes around
 * all of it and is the caller's.)
 */
export interface PipelineDefinition {
	readonly rateLimiter?: DefinitionOf<'rate-limiter'>;
	/** How long a call waits for the rate limiter before it is rejected, in ms. Default 0: rejects at once. */
	readonly rateLimiterMaxWaitMs?: number;
	/** Bounds the whole call, waits and retries included, in ms. */
	readonly totalTimeoutMs?: number;
	readonly retry?: RetryOptions;
	/** Shared allowance of retries. */
	readonly retryBudget?: DefinitionOf<'retry-budget'>;
	/** Own breaker first, then its parents: all must agree, and all learn from the outcome. */
	readonly circuitBreakers?: ReadonlyArray<DefinitionOf<'circuit-breaker'>>;
	readonly bulkhead?: DefinitionOf<'bulkhead'>;
	/** Bounds each attempt. */
	readonly attemptTimeout?: DefinitionOf<'timeout'>;
}

/** When a call must be done, ms since the epoch: when its own time is over, or that of what it is part of. */
export const deadlineOf = (
	{ totalTimeoutMs = Infinity }: PipelineDefinition,
	startedAt: number,
	enclosingDeadlineAt: number,
): number => Math.min(enclosingDeadlineAt, startedAt + totalTimeoutMs);

/** Which state of each policy a call belongs to; what is left out has the one state of key ''. */
export interface CallKeys {
	readonly rateLimiter?: string;
	readonly retryBudget?: string;
	/** One per breaker, in the order of the definition. */
	readonly circuitBreakers?: readonly string[];
	readonly bulkhead?: string;
	readonly attemptTimeout?: string;
	/** What the call costs the rate limiter, in calls: whole, from 1 to what it ever lets through at once. Default 1. */
	readonly weight?: number;
	/**
	 * Place in the bulkhead's queue: a whole number from -1,000 to 1,000, higher first. Above 0 the call may also use what
	 * the rate limiter reserves. Default 0.
	 */
	readonly priority?: number;
}
