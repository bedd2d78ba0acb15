import type { BreakerQuorumOptions } from './breaker-quorum';
import type { BulkheadOptions } from './bulkhead';
import type { CircuitBreakerOptions } from './circuit-breaker';
import type { RateLimiterOptions } from './rate-limiter';
import type { RetryBudgetOptions } from './retry-budget';
import type { TimeoutOptions } from './timeout';

/** A named policy whose state lives in the store. Build it once and reuse it: stores cache by identity. */
export type PolicyDefinition =
	| {
			readonly kind: 'circuit-breaker';
			readonly name: string;
			readonly options: CircuitBreakerOptions;
	  }
	| {
			/** Votes of the workers on a breaker of scope `quorum` (see core/breaker-scope). */
			readonly kind: 'breaker-quorum';
			readonly name: string;
			readonly options: BreakerQuorumOptions;
	  }
	| { readonly kind: 'rate-limiter'; readonly name: string; readonly options: RateLimiterOptions }
	| { readonly kind: 'bulkhead'; readonly name: string; readonly options: BulkheadOptions }
	| { readonly kind: 'retry-budget'; readonly name: string; readonly options: RetryBudgetOptions }
	| { readonly kind: 'timeout'; readonly name: string; readonly options: TimeoutOptions };

/** Which kinds of policy keep state in the store. */
export type PolicyKind = PolicyDefinition['kind'];

/** One policy applied to one call. */
export interface Guard {
	readonly policy: PolicyDefinition;
	/** State within the policy: a user, a tenant, a service; empty for one state for all. */
	readonly key: string;
	/** What the call costs a rate limiter; 1 or more. */
	readonly weight: number;
	/**
	 * Place in a bulkhead's queue: a whole number from -1,000 to 1,000, higher goes first. Above 0 a call may use what a
	 * rate limiter keeps in reserve.
	 */
	readonly priority: number;
}
