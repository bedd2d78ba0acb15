import { circuitBreaker, handleAll, SamplingBreaker } from 'cockatiel';

import { compare, noop } from '../compare';
import type { Benchmark } from '../benchmark';
import { guarded } from '../guarded';

export const breakerSampling: Benchmark = {
	id: 'breaker-sampling',
	title: 'Circuit breaker over the last 60 s; cockatiel SamplingBreaker',
	unit: 'x',

	async measure(effort) {
		const ours = guarded(({ definePolicy }) => ({
			circuitBreakers: [
				definePolicy('circuit-breaker', 'bench', {
					failureRateThreshold: 25,
					slowCallRateThreshold: 0,
					slidingWindowType: 'time-based',
					slidingWindowDurationMs: 60_000,
				}),
			],
		}));
		const policy = circuitBreaker(handleAll, {
			halfOpenAfter: 30_000,
			breaker: new SamplingBreaker({ threshold: 0.25, duration: 60_000, minimumRps: 1 }),
		});
		const other = async (calls: number) => {
			for (let call = 0; call < calls; call++) await policy.execute(noop);
		};
		return await compare(ours, other, effort);
	},
};
