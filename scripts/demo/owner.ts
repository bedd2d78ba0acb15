import { randomBytes } from 'node:crypto';

import { type Login, type N8nClient, N8nRequestError } from '../n8n/index.ts';
import type { StateFolder } from '../cli/index.ts';

const FILE = 'login.json';

/**
 * Logs in as n8n's owner, whose account it makes on the first start. Undefined when the owner's
 * password is no longer the one that was made here.
 */
export async function logInAsOwner(
	client: N8nClient,
	state: StateFolder,
): Promise<Login | undefined> {
	const known = await state.read<Login>(FILE);
	if (await client.needsOwner()) {
		const login = known ?? { email: 'owner@bulwark.local', password: newPassword() };
		await state.write(FILE, login);
		await client.setupOwner(login);
		return login;
	}
	if (!known) return undefined;
	try {
		await client.login(known);
		return known;
	} catch (error) {
		if (error instanceof N8nRequestError && error.status === 401) return undefined;
		throw error;
	}
}

/** n8n wants 8 to 64 characters with a capital letter and a digit. */
function newPassword(): string {
	return `Bw1-${randomBytes(12).toString('base64url')}`;
}
