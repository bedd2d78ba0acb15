import { randomBytes } from 'node:crypto';

import type { StateFolder } from '../cli/index.ts';

/** What only the stack's own processes know; made once for each state folder. */
export interface Secrets {
	/** n8n's, for the credentials it stores; the same for all its processes. */
	encryptionKey: string;
	redisPassword: string;
	postgresPassword: string;
}

const FILE = 'secrets.json';

export async function readSecrets(state: StateFolder): Promise<Secrets> {
	const known = await state.read<Secrets>(FILE);
	if (known) return known;
	const [encryptionKey, redisPassword, postgresPassword] = [secret(), secret(), secret()];
	const made = { encryptionKey, redisPassword, postgresPassword };
	await state.write(FILE, made);
	return made;
}

const secret = (): string => randomBytes(24).toString('hex');
