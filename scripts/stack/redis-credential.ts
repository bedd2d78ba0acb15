import type { StateFolder } from '../cli/index.ts';
import { type CredentialReference, type N8nClient, N8nRequestError } from '../n8n/index.ts';
import type { RedisAddress } from './redis.ts';

const FILE = 'redis-credential.json';
const NAME = "The stack's Redis";

/** n8n's credential for the stack's Redis, made at the first start and brought up to date at the others. */
export async function redisCredential(
	client: N8nClient,
	state: StateFolder,
	{ host, port, password }: RedisAddress,
): Promise<CredentialReference> {
	const data = { host, port, password, user: '', database: 0, ssl: false };
	const body = { name: NAME, type: 'redis', data };
	const known = await state.read<CredentialReference>(FILE);
	const { connection } = client;
	if (known) {
		try {
			await connection.rest('PATCH', `/credentials/${known.id}`, body);
			return known;
		} catch (error) {
			const isGone = error instanceof N8nRequestError && [403, 404].includes(error.status);
			if (!isGone) throw error;
		}
	}
	const { id } = await connection.rest<{ id: string }>('POST', '/credentials', body);
	await state.write(FILE, { id, name: NAME });
	return { id, name: NAME };
}
