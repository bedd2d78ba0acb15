import type { IDataObject } from 'n8n-workflow';

import { tellQueue } from '../../../../core/health';
import { knownOf } from '../../../../core/stack';
import type { Operation } from '../../operation';

export const getQueue: Operation = {
	resource: 'queue',
	value: 'get',
	name: 'Get',
	action: 'Get the queue',
	description:
		'Show for each worker pool how many executions wait and for how long, how fast they arrive and are taken, and when it will be empty',
	properties: [],

	async run({ stack }) {
		const { look, queues } = await stack.monitor.observe();
		knownOf(look.counts);
		return queues.map((queue) => tellQueue(queue) as unknown as IDataObject);
	},
};
