import {
	circuitBreaker,
	ConsecutiveBreaker,
	ExponentialBackoff,
	handleAll,
	retry,
	timeout,
	TimeoutStrategy,
	wrap as cockatielWrap,
} from 'cockatiel';

import { compare, noop } from '../compare';
import type { Benchmark } from '../benchmark';
import { guarded } from '../guarded';

/** Aggressive time-outs on cockatiel's side, as ours are: the caller goes on when time is up. */
export const wrap: Benchmark = {
	id: 'wrap',
	title: 'Retry + circuit breaker + time-out; cockatiel wrap of the three',
	unit: 'x',
	target: { atLeast: 5 },

	async measure(effort) {
		const ours = guarded(({ definePolicy, parseOptions, retryOptions }) => ({
			retry: parseOptions(retryOptions, { maxAttempts: 4, delayMs: 128, maxDelayMs: 30_000 }),
			circuitBreakers: [
				definePolicy('circuit-breaker', 'bench', {
					consecutiveFailureThreshold: 5,
					failureRateThreshold: 0,
					slowCallRateThreshold: 0,
				}),
			],
			attemptTimeout: definePolicy('timeout', 'bench', { timeoutMs: 30_000 }),
		}));
		const policy = cockatielWrap(
			retry(handleAll, {
				// Attempts beyond the first.
				maxAttempts: 3,
				backoff: new ExponentialBackoff({ initialDelay: 128, maxDelay: 30_000 }),
			}),
			circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new ConsecutiveBreaker(5) }),
			timeout(30_000, TimeoutStrategy.Aggressive),
		);
		const other = async (calls: number) => {
			for (let call = 0; call < calls; call++) await policy.execute(noop);
		};
		return await compare(ours, other, effort);
	},
};
