import type { IDisplayOptions, INodeCredentialDescription, INodeProperties } from 'n8n-workflow';

import { collection } from '../description/common-properties';
import { propertiesOf } from '../description/option-property';
import { stateCredentials } from '../state';
import { RARE_STACK_OPTIONS, stackOptions } from './stack-options';

const TOP_LEVEL = ['state', 'database', 'databaseFile', 'api'];

const fixed = { noDataExpression: true };

/**
 * Parameters that say whom a node asks about the stack.
 * @param hide where it asks nobody but the store of policies
 * @param more what the node has among its rarely used options
 */
export const stackProperties = (
	hide: IDisplayOptions['hide'] = {},
	more: INodeProperties[] = [],
): INodeProperties[] => [
	...propertiesOf(stackOptions, {
		only: TOP_LEVEL,
		extras: {
			state: fixed,
			database: { ...fixed, displayOptions: { hide } },
			databaseFile: {
				...fixed,
				placeholder: 'e.g. /home/node/.n8n/database.sqlite',
				displayOptions: { show: { database: ['sqlite'] }, hide },
			},
			api: { ...fixed, displayOptions: { hide } },
		},
	}),
	collection('options', 'Options', [
		...more,
		...propertiesOf(stackOptions, {
			only: RARE_STACK_OPTIONS,
			in: 'collection',
			topLevel: TOP_LEVEL,
			extras: {
				...Object.fromEntries(RARE_STACK_OPTIONS.map((name) => [name, fixed])),
				workerHealthUrls: {
					...fixed,
					placeholder: 'e.g. http://worker-1:5678, http://worker-2:5678',
				},
			},
		}),
	]),
];

/** For a node that calls webhooks, among its rarely used options. */
export const webhookProperties: INodeProperties[] = propertiesOf(stackOptions, {
	only: ['webhookUrl'],
	in: 'collection',
	topLevel: TOP_LEVEL,
	extras: { webhookUrl: { ...fixed, placeholder: 'e.g. http://webhooks:5678' } },
});

/** The credentials of nodes that ask about the stack. Those of other packages are tested by these. */
export const stackCredentials: INodeCredentialDescription[] = [
	...stateCredentials,
	{ name: 'postgres', required: true, displayOptions: { show: { database: ['postgres'] } } },
	{ name: 'n8nApi', required: true, displayOptions: { show: { api: ['n8nApi'] } } },
];
