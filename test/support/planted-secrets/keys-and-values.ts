import type { Redis } from 'ioredis';

/** All that a Redis has stored, as it is. Of a replica nothing: its master has it, too. */
export async function keysAndValues(client: Redis): Promise<Buffer> {
	const [role] = (await client.call('ROLE')) as unknown[];
	if (role !== 'master') return Buffer.alloc(0);
	// What is compressed cannot be searched.
	await client.config('SET', 'rdbcompression', 'no');
	const keys = await client.keysBuffer('*');
	const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
	return Buffer.concat([...keys, ...values.filter((value) => value !== null)]);
}
