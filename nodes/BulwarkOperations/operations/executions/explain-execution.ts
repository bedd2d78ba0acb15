import type { IDataObject } from 'n8n-workflow';

import { tellExecution } from '../../../../core/recovery';
import type { Operation } from '../../operation';
import { readExecutionIds } from './execution-ids';

export const explainExecution: Operation = {
	resource: 'execution',
	value: 'explain',
	name: 'Explain',
	action: 'Explain an execution',
	description:
		'Say all that is known of one execution: its row, its job and who holds it, how far it came, whether it is lost, and what a recovery would do',
	properties: [
		{
			displayName: 'Execution ID',
			name: 'executionId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 1234',
			description: 'As n8n shows it',
		},
	],

	async run({ parameters, stack, signal }) {
		const [id] = readExecutionIds(parameters, 'executionId');
		if (id === undefined)
			throw parameters.invalid('executionId', '', 'an execution is needed', 'Give its ID');
		return [(await tellExecution(stack.recovery, id, signal)) as unknown as IDataObject];
	},
};
