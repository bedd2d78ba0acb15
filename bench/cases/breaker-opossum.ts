import CircuitBreaker from 'opossum';

import { compare, noop } from '../compare';
import type { Benchmark } from '../benchmark';
import { guarded } from '../guarded';

/** opossum as lean as it gets: no time-out of its own, no percentiles, no snapshots. */
export const breakerOpossum: Benchmark = {
	id: 'breaker-opossum',
	title: 'Circuit breaker over the last 10 s; opossum',
	unit: 'x',

	async measure(effort) {
		const ours = guarded(({ definePolicy }) => ({
			circuitBreakers: [
				definePolicy('circuit-breaker', 'bench', {
					failureRateThreshold: 50,
					slowCallRateThreshold: 0,
					slidingWindowType: 'time-based',
					slidingWindowDurationMs: 10_000,
				}),
			],
		}));
		const circuit = new CircuitBreaker(noop, {
			timeout: false,
			errorThresholdPercentage: 50,
			volumeThreshold: 10,
			rollingCountTimeout: 10_000,
			rollingPercentilesEnabled: false,
			enableSnapshots: false,
		});
		const other = async (calls: number) => {
			for (let call = 0; call < calls; call++) await circuit.fire();
		};
		try {
			return await compare(ours, other, effort);
		} finally {
			circuit.shutdown();
		}
	},
};
