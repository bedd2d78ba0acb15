import type { INodeProperties } from 'n8n-workflow';

import { propertiesOf } from '../shared/description';
import { stackProperties } from '../shared/stack';
import { eventChoices, triggerOptions } from './trigger-options';

const fixed = { noDataExpression: true };

/** All parameters of the node. A trigger has no item for expressions to go by. */
export const triggerProperties: INodeProperties[] = [
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		noDataExpression: true,
		required: true,
		options: eventChoices,
		default: ['circuit-breaker', 'bulkhead'],
		description: 'What starts the workflow',
	},
	...stackProperties(
		{},
		propertiesOf(triggerOptions, {
			in: 'collection',
			extras: { intervalMs: fixed, whenOver: fixed, tellHalfOpen: fixed },
		}),
	),
];
