import { inspectPolicy } from '../../../../core/policy-control';
import type { Operation } from '../../operation';
import { addressProperties, readAddress } from './policy-properties';

export const getPolicy: Operation = {
	resource: 'policy',
	value: 'get',
	name: 'Get',
	action: 'Get the state of a policy',
	description:
		'Show whether a breaker is open and how calls fared, who holds slots of a bulkhead and how many wait, what is left of a limit',
	properties: addressProperties,

	async run({ parameters, stack }) {
		const address = readAddress(parameters);
		const { state, holders, keys, hasMoreKeys } = await inspectPolicy(stack.policies, address);
		return [
			{
				...address,
				state: state?.state ?? null,
				since: state?.since ?? null,
				figures: { ...state?.figures },
				...(holders && { holders: holders.map((holder) => ({ ...holder })) }),
				keys: [...keys],
				hasMoreKeys,
			},
		];
	},
};
