import { applyPlan as apply } from '../../changes';
import type { Operation } from '../../operation';
import { requiredText } from '../../required-text';

export const applyPlan: Operation = {
	resource: 'plan',
	value: 'apply',
	name: 'Apply',
	action: 'Apply a plan',
	description:
		'Do what a plan says: once, within five minutes of its making, and only while what it was made from is still so',
	properties: [
		{
			displayName: 'Plan ID',
			name: 'planId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. {{ $json.planId }}',
			description: 'As the operation that planned gave it',
		},
	],

	async run(call) {
		const remedy = 'Give the planId of an operation whose name begins with Plan';
		const planId = requiredText(call.parameters, 'planId', 'a plan', remedy);
		return [await apply(call, planId)];
	},
};
