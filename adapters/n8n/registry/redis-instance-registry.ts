import type { InstanceEntry, InstanceRegistryView } from '../../../core/ports/stack';
import type { RedisSession } from '../redis-session';
import { instanceEntryOf } from './registry-entry';

/** n8n's instance registry, as it keeps it in Redis. */
export class RedisInstanceRegistry implements InstanceRegistryView {
	constructor(
		private readonly session: RedisSession,
		private readonly prefix: string,
	) {}

	instances(): Promise<readonly InstanceEntry[]> {
		return this.session.ask('instance registry', async (client) => {
			const keys = await client.smembers(`${this.prefix}:{instance:}members`);
			if (keys.length === 0) return [];
			// Those whose entry has run out stay members for a while.
			const entries = await client.mget(keys);
			return entries.flatMap((text) => {
				const entry = text === null ? undefined : instanceEntryOf(text);
				return entry ? [entry] : [];
			});
		});
	}
}
