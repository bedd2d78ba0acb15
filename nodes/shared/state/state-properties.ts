import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';

import { propertiesOf } from '../description/option-property';
import { CREDENTIAL_TEST } from './credential-test';
import { stateOptions, type RedisCredential } from './state-options';

/** Parameters that say where a step's state is kept. */
export const stateProperties: INodeProperties[] = propertiesOf(stateOptions, {
	extras: {
		state: { noDataExpression: true },
		authentication: { noDataExpression: true },
		whenRedisIsDown: { noDataExpression: true },
	},
});

const credential = (name: RedisCredential): INodeCredentialDescription => ({
	name,
	required: true,
	testedBy: CREDENTIAL_TEST,
	displayOptions: { show: { state: ['redis'], authentication: [name] } },
});

/** The credentials of all steps: n8n's own for Redis, and ours. */
export const stateCredentials: INodeCredentialDescription[] = [
	credential('redis'),
	credential('bulwarkRedisApi'),
];
