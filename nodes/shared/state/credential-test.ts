import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { redisSettingsOf } from '../../../adapters/redis';
import { RedisState } from './redis-state';

/** The name by which n8n finds the test among a node's methods. */
export const CREDENTIAL_TEST = 'bulwarkRedisConnectionTest';

/** For the `methods` of every step: what n8n's button "Retry" runs in a credential. */
export const stateMethods = {
	credentialTest: { [CREDENTIAL_TEST]: testRedisCredential },
};

/** Connects with the credential and does what steps do: loads their functions, or runs them as scripts. */
async function testRedisCredential(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	let state: RedisState | undefined;
	try {
		state = new RedisState(redisSettingsOf(data as Record<string, unknown>));
		await state.check();
		return { status: 'OK', message: 'Connection successful!' };
	} catch (error) {
		const { message, remedy } = error as Error & { remedy?: string };
		return { status: 'Error', message: remedy ? `${message}. ${remedy}` : message };
	} finally {
		await state?.close();
	}
}
