import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { floor } from '../compare';
import { median } from '../statistics';

export const bareAwait: Benchmark = {
	id: 'noop',
	title: 'Floor: an async function that does nothing, awaited',
	unit: 'calls/s',

	async measure(effort) {
		const ours = median((await alternate([floor], effort)).flat());
		return { figure: ours, ours, note: 'every other row says how much of this is left' };
	},
};
