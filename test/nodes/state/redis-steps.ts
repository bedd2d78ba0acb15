import type { ICredentialDataDecryptedObject, INodeParameters } from 'n8n-workflow';

import type { Guarded } from '../../support/guarded-workflow';

/** What makes a step keep its state in the Redis at a port. */
export function inRedis(
	port: number,
	parameters: INodeParameters = {},
	fields: ICredentialDataDecryptedObject = {},
): Pick<Guarded, 'parameters' | 'stepNode' | 'credentials'> {
	return {
		parameters: { state: 'redis', ...parameters },
		stepNode: { credentials: { redis: { id: '1', name: 'Redis' } } },
		credentials: { redis: { host: '127.0.0.1', port, database: 0, ...fields } },
	};
}
