import { HEAL_WORKER, type HealWorkerRequest } from '../../../../core/recovery';
import { planChange } from '../../changes';
import type { Operation } from '../../operation';
import { requiredText } from '../../required-text';

export const planHealing: Operation = {
	resource: 'worker',
	value: 'planHealing',
	name: 'Plan Healing',
	action: 'Plan to heal a worker',
	description:
		'Plan to bring a worker back that takes no jobs any more, by closing its connections to Redis. Nothing is changed before the plan is applied.',
	properties: [
		{
			displayName: 'Worker',
			name: 'worker',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. worker-V1StGXR8',
			description: 'ID of the worker as Get Many shows it, or its host ID where only one has that',
		},
	],

	async run(call) {
		const worker = requiredText(call.parameters, 'worker', 'a worker', 'Take one of Get Many');
		return [await planChange(call, HEAL_WORKER, { worker } satisfies HealWorkerRequest)];
	},
};
