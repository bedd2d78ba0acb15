import { circuitBreaker, CountBreaker, handleAll } from 'cockatiel';

import { compare, noop } from '../compare';
import type { Benchmark } from '../benchmark';
import { guarded } from '../guarded';

export const breakerCount: Benchmark = {
	id: 'breaker-count',
	title: 'Circuit breaker over the last 100 calls; cockatiel CountBreaker',
	unit: 'x',

	async measure(effort) {
		const ours = guarded(({ definePolicy }) => ({
			circuitBreakers: [
				definePolicy('circuit-breaker', 'bench', {
					failureRateThreshold: 25,
					slowCallRateThreshold: 0,
					slidingWindowType: 'count-based',
					slidingWindowSize: 100,
					minimumNumberOfCalls: 10,
				}),
			],
		}));
		const policy = circuitBreaker(handleAll, {
			halfOpenAfter: 30_000,
			breaker: new CountBreaker({ threshold: 0.25, size: 100, minimumNumberOfCalls: 10 }),
		});
		const other = async (calls: number) => {
			for (let call = 0; call < calls; call++) await policy.execute(noop);
		};
		return await compare(ours, other, effort);
	},
};
