import type { BullKeys } from '../bull-keys';
import type { RedisSession } from '../redis-session';
import source from './lua/find_keys.lua';
import { QueueScript } from './queue-script';

const script = new QueueScript(source);

/** Redis does nothing else for less than a millisecond meanwhile. */
const KEYS_A_CALL = 1_000;

/** Names of all worker pools to which a job was ever added: Bull counts those of each, and keeps the count. */
export async function poolsInRedis(
	session: RedisSession,
	keys: BullKeys,
): Promise<readonly string[]> {
	const pools = new Set<string>();
	let cursor = '0';
	do {
		const [next, names] = (await session.ask('queue', (client) =>
			script.run(client, [keys.of('', 'id')], [cursor, keys.countersOfPools, KEYS_A_CALL]),
		)) as [string, string[]];
		for (const name of names) pools.add(keys.poolCountedBy(name));
		cursor = next;
	} while (cursor !== '0');
	return [...pools];
}
