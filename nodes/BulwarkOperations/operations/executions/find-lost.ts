import type { IDataObject } from 'n8n-workflow';

import { tellLoss } from '../../../../core/recovery';
import { SourceUnavailableError } from '../../../../core/stack';
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
		const { lost, gaps, lookedAt } = await stack.recovery.ledger.scan(signal);
		const [gap] = gaps;
		// Nobody is to take for well what nobody could look at.
		if (gap && lookedAt === 0 && (gap.source === 'database' || gap.source === 'queue'))
			throw new SourceUnavailableError(
				gap.source,
				`The ${gap.source} says nothing: ${gap.why}`,
				`Until it does it is not known ${gap.cannotKnow}`,
			);
		return lost
			.slice(0, readLimit(parameters))
			.map((one) => tellLoss(one) as unknown as IDataObject);
	},
};
