import { setTimeout as sleep } from 'node:timers/promises';

import { defineNode, keep } from './define-node';

/** Takes `ms` a run and records how many runs were under way at once, over all executions. */
export function recorder(ms = 10) {
	const record = { active: 0, peak: 0, runs: 0, ids: [] as unknown[] };
	const type = defineNode('recorder', async (items) => {
		record.runs++;
		record.ids.push(...items.map(({ json }) => json.id));
		record.peak = Math.max(record.peak, ++record.active);
		await sleep(ms);
		record.active--;
		return [items.map(keep)];
	});
	return { type, record };
}
