import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { circuitBreakerOptions } from '../../../core/policies/circuit-breaker';
import { REDIS_CREDENTIALS } from '../state/state-options';
import { LONGEST_KEY } from '../longest-key';
import { propertiesOf } from './option-property';

/** What a parent breaker may have of its own; the rest is as the child's. */
export const parentBreakerOptions = z.strictObject({
	failureRateThreshold: circuitBreakerOptions.shape.failureRateThreshold,
	minimumNumberOfCalls: circuitBreakerOptions.shape.minimumNumberOfCalls,
});

/** Within one process there is nobody else whose calls a breaker could count. */
export const breakerScopeExtras = {
	scope: { displayOptions: { show: { '/state': [...REDIS_CREDENTIALS] } } },
	quorum: { displayOptions: { show: { '/state': [...REDIS_CREDENTIALS], scope: ['quorum'] } } },
};

export const parentBreakerProperty: INodeProperties = {
	displayName: 'Parent Breaker',
	name: 'parentBreaker',
	type: 'fixedCollection',
	placeholder: 'Add Parent Breaker',
	default: {},
	description:
		'A second breaker that many steps report to, such as one for a whole service above those of its endpoints. Both must be closed for an item to pass, and both learn from its outcome.',
	options: [
		{
			displayName: 'Parent',
			name: 'parent',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. payment-api',
					description: `Shared name of the parent: steps that name it report to it, and a step that has it as its own shared name is it. At most ${LONGEST_KEY} characters.`,
				},
				{
					displayName: 'Key',
					name: 'key',
					type: 'string',
					default: '',
					placeholder: 'e.g. {{ $json.region }}',
					description: `Items with the same key share one parent. Empty: one for all items. At most ${LONGEST_KEY} characters.`,
				},
				...propertiesOf(parentBreakerOptions),
			],
		},
	],
};
