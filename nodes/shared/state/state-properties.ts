import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';

import type { WhenStoreIsDown } from '../../../core/store-outage';
import { propertiesOf } from '../description/option-property';
import { CREDENTIAL_TEST } from './credential-test';
import { REDIS_CREDENTIALS, stateOptionsOf } from './state-options';

/** Parameters that say where a step's state is kept. */
export const stateProperties = (whenRedisIsDown?: WhenStoreIsDown): INodeProperties[] =>
	propertiesOf(stateOptionsOf(whenRedisIsDown), {
		extras: {
			state: { noDataExpression: true },
			whenRedisIsDown: { noDataExpression: true },
		},
	});

/** The credentials of all steps. The editor hides a parameter on which one depends that chooses nothing else. */
export const stateCredentials: INodeCredentialDescription[] = REDIS_CREDENTIALS.map((name) => ({
	name,
	required: true,
	testedBy: CREDENTIAL_TEST,
	displayOptions: { show: { state: [name] } },
}));
