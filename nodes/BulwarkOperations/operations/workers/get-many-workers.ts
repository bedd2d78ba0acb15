import type { IDataObject } from 'n8n-workflow';

import { tellWorker, WORKER_STATES } from '../../../../core/health';
import { knownOf } from '../../../../core/stack';
import { anyOrOne } from '../../any-or-one';
import { limitProperties, readLimit } from '../../limit';
import type { Operation } from '../../operation';

const inState = anyOrOne(
	{ displayName: 'In State', name: 'workerState', description: 'Only workers in this state' },
	WORKER_STATES,
);

export const getManyWorkers: Operation = {
	resource: 'worker',
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many workers',
	description:
		'List the workers of n8n: what each is at, and whether it takes jobs, with the evidence',
	properties: [inState.property, ...limitProperties],

	async run({ parameters, stack }) {
		const { look, workers } = await stack.monitor.observe();
		for (const needed of [look.instances, look.clients]) knownOf<unknown>(needed);
		const state = inState.read(parameters);
		const chosen = workers.filter((worker) => state === undefined || worker.state === state);
		const limit = readLimit(parameters);
		return chosen.slice(0, limit).map((worker) => tellWorker(worker) as unknown as IDataObject);
	},
};
