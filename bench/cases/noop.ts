import { alternate, floor } from '../alternate';
import type { Benchmark } from '../benchmark';

export const bareAwait: Benchmark = {
	id: 'noop',
	title: 'Floor: an async function that does nothing, awaited',
	unit: 'calls/s',

	async measure(effort) {
		const { ours } = await alternate(floor, floor, effort);
		return { figure: ours!, ours, note: 'what the shares below are of' };
	},
};
