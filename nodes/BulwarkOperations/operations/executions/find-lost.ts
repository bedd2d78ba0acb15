import type { IDataObject } from 'n8n-workflow';

import { hidingGap, tellLoss } from '../../../../core/recovery';
import { limitProperties, readLimit } from '../../limit';
import type { Operation } from '../../operation';

export const findLost: Operation = {
	resource: 'execution',
	value: 'findLost',
	name: 'Find Lost',
	action: 'Find lost executions',
	description:
		'List executions that n8n has lost and does not know of: that never reached a worker, died with one, hang, wait past their time, or were marked crashed though they succeeded',
	properties: limitProperties,

	async run({ parameters, stack, signal }) {
		const report = await stack.recovery.ledger.scan(signal);
		hidingGap(report);
		return report.lost
			.slice(0, readLimit(parameters))
			.map((one) => tellLoss(one) as unknown as IDataObject);
	},
};
