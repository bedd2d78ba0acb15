import { MemoryPolicyStore } from '../adapters/memory';
import { parseOptions } from '../core/options';
import { rateLimiterOptions } from '../core/policies/rate-limiter';
import type { Clock, PolicyDefinition } from '../core/ports';

const PERIOD_MS = 60_000;

/** Keeps each who asks to so many requests a minute, with Bulwark's own limiter. */
export class RequestLimiter {
	private readonly store: MemoryPolicyStore;
	private readonly policy: PolicyDefinition;
	private requests = 0;

	constructor(requestsPerMinute: number, clock: Clock) {
		this.store = new MemoryPolicyStore(clock);
		const options = parseOptions(rateLimiterOptions, {
			limit: requestsPerMinute,
			periodMs: PERIOD_MS,
		});
		this.policy = { kind: 'rate-limiter', name: 'mcp', options };
	}

	/** How long to wait before asking again, in ms; 0 lets the request through. */
	waitOf(who: string): number {
		const answer = this.store.admit({
			permitId: `${this.requests++}`,
			guards: [{ policy: this.policy, key: who, weight: 1, priority: 0 }],
			attempt: 1,
			leaseMs: PERIOD_MS,
		});
		return answer.status === 'rejected' ? answer.retryAfterMs : 0;
	}
}
