import Bottleneck from 'bottleneck';

import { compare, noop } from '../compare';
import type { Benchmark } from '../benchmark';
import { guarded } from '../guarded';

export const bulkheadBottleneck: Benchmark = {
	id: 'bulkhead-bottleneck',
	title: 'Bulkhead of 10 with a free slot; Bottleneck schedule',
	unit: 'x',

	async measure(effort) {
		const ours = guarded(({ definePolicy }) => ({
			bulkhead: definePolicy('bulkhead', 'bench', { maxConcurrentCalls: 10, maxQueueSize: 10 }),
		}));
		const limiter = new Bottleneck({ maxConcurrent: 10, highWater: 10 });
		const other = async (calls: number) => {
			for (let call = 0; call < calls; call++) await limiter.schedule(noop);
		};
		return await compare(ours, other, effort);
	},
};
