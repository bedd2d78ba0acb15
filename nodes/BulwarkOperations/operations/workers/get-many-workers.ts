import type { IDataObject } from 'n8n-workflow';

import { tellWorker } from '../../../../core/health';
import { SourceUnavailableError } from '../../../../core/stack';
import { limitProperties, readLimit } from '../../limit';
import type { Operation } from '../../operation';

export const getManyWorkers: Operation = {
	resource: 'worker',
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many workers',
	description:
		'List the workers of n8n: what each is at, and whether it takes jobs, with the evidence',
	properties: limitProperties,

	async run({ parameters, stack }) {
		const { look, workers } = await stack.monitor.observe();
		const { instances, clients } = look;
		for (const reading of [instances, clients])
			if (!reading.isKnown)
				throw new SourceUnavailableError(reading.source, reading.why, reading.remedy);
		const limit = readLimit(parameters);
		return workers.slice(0, limit).map((worker) => tellWorker(worker) as unknown as IDataObject);
	},
};
