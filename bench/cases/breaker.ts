import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

import { compare, noop } from '../compare';
import type { Benchmark } from '../benchmark';
import { guarded } from '../guarded';

/** Neither side keeps a window: only failures in a row are counted. */
export const breaker: Benchmark = {
	id: 'breaker',
	title: 'Circuit breaker on consecutive failures; cockatiel ConsecutiveBreaker',
	unit: 'x',
	target: { atLeast: 1 },

	async measure(effort) {
		const ours = guarded(({ definePolicy }) => ({
			circuitBreakers: [
				definePolicy('circuit-breaker', 'bench', {
					consecutiveFailureThreshold: 5,
					failureRateThreshold: 0,
					slowCallRateThreshold: 0,
				}),
			],
		}));
		const policy = circuitBreaker(handleAll, {
			halfOpenAfter: 30_000,
			breaker: new ConsecutiveBreaker(5),
		});
		const other = async (calls: number) => {
			for (let call = 0; call < calls; call++) await policy.execute(noop);
		};
		return await compare(ours, other, effort);
	},
};
