import type { IDataObject } from 'n8n-workflow';

import { followRecoveries, tellRecovery } from '../../../../core/recovery';
import { inPages } from '../../in-pages';
import { limitProperties, readLimit } from '../../limit';
import type { Operation } from '../../operation';

const RECOVERIES_A_PAGE = 200;

export const getManyRecoveries: Operation = {
	resource: 'recovery',
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many recoveries',
	description:
		'List which lost executions were brought back, by whom, when, on what evidence, how far each has come, and how the execution ended afterwards. Kept for 30 days.',
	properties: limitProperties,

	async run({ parameters, stack: { sources, recovery }, signal }) {
		const { records } = recovery;
		return await inPages(readLimit(parameters), RECOVERIES_A_PAGE, signal, async (most, after) => {
			const page = await records.list(most, after);
			const followed = await followRecoveries(records, sources, page.records);
			const items = followed.map((one) => tellRecovery(one) as unknown as IDataObject);
			return { items, next: page.next };
		});
	},
};
