import { bulkhead as cockatielBulkhead } from 'cockatiel';

import { compare, noop } from '../compare';
import type { Benchmark } from '../benchmark';
import { guarded } from '../guarded';

/** Ours holds each slot as a lease that another process's death would end; cockatiel counts up and down. */
export const bulkhead: Benchmark = {
	id: 'bulkhead',
	title: 'Bulkhead of 10 with a free slot; cockatiel bulkhead',
	unit: 'x',

	async measure(effort) {
		const ours = guarded(({ definePolicy }) => ({
			bulkhead: definePolicy('bulkhead', 'bench', { maxConcurrentCalls: 10, maxQueueSize: 10 }),
		}));
		const policy = cockatielBulkhead(10, 10);
		const other = async (calls: number) => {
			for (let call = 0; call < calls; call++) await policy.execute(noop);
		};
		return await compare(ours, other, effort);
	},
};
