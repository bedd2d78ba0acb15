import type { IDataObject } from 'n8n-workflow';

import { tellHealth } from '../../../../core/health';
import type { Operation } from '../../operation';

export const getHealth: Operation = {
	resource: 'health',
	value: 'get',
	name: 'Get',
	action: 'Get the health of the stack',
	description:
		'Tell whether n8n and all that it needs is healthy, and if not, why: with evidence, remedy, and what is not known',
	properties: [],

	async run({ stack }) {
		const { health } = await stack.health.check();
		return [tellHealth(health) as unknown as IDataObject];
	},
};
