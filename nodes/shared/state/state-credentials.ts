import type { INodeCredentialDescription } from 'n8n-workflow';

import { CREDENTIAL_TEST } from './credential-test';
import { REDIS_CREDENTIALS } from './state-options';

/** The credentials of all steps. The editor hides a parameter on which one depends that chooses nothing else. */
export const stateCredentials: INodeCredentialDescription[] = REDIS_CREDENTIALS.map((name) => ({
	name,
	required: true,
	testedBy: CREDENTIAL_TEST,
	displayOptions: { show: { state: [name] } },
}));
