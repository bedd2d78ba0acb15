import { OVERRIDE_ACTIONS } from '../../../../core/policies/override-action';
import { planChange } from '../../changes';
import type { Operation } from '../../operation';
import { addressProperties, readAddress } from './policy-properties';

export const planPolicyOverride: Operation = {
	resource: 'policy',
	value: 'planOverride',
	name: 'Plan Override',
	action: 'Plan an override of a policy',
	description:
		'Plan a change by hand of the state of a policy, for all workers. Nothing is changed before the plan is applied.',
	properties: [
		...addressProperties,
		{
			displayName: 'Change',
			name: 'change',
			type: 'options',
			options: [
				{
					name: 'Close',
					value: 'close',
					description: 'Calls go through and counting begins anew. For circuit breakers.',
				},
				{
					name: 'Isolate',
					value: 'isolate',
					description: 'Turn calls away until it is closed or reset by hand. For circuit breakers.',
				},
				{
					name: 'Open',
					value: 'open',
					description: 'Turn calls away until its wait is over. For circuit breakers.',
				},
				{
					name: 'Reset',
					value: 'reset',
					description: 'Forget everything counted or held. For all kinds.',
				},
			],
			default: 'close',
			description: 'What to do with the state',
		},
	],

	async run(call) {
		const { parameters } = call;
		const action = parameters.choice('change', OVERRIDE_ACTIONS);
		return [await planChange(call, 'override policy', { ...readAddress(parameters), action })];
	},
};
