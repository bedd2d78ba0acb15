import type { RedisClient } from '../../adapters/redis';

const AT_ONCE = 10_000;

/** Puts so many keys into a Redis as others keep there, such as a queue and a cache. */
export async function fillRedis(client: RedisClient, count: number): Promise<void> {
	for (let first = 0; first < count; first += AT_ONCE) {
		const numbers = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => first + at);
		await client.mset(...numbers.flatMap((number) => [`other:${number}`, 'x']));
	}
}
