import { readClock } from '../../../core/clocks';
import type { Clock } from '../../../core/ports';
import type { InstanceEntry, InstanceRegistryView } from '../../../core/ports/stack';
import type { RedisSession } from '../redis-session';
import { repliesOf } from '../replies-of';
import { instanceEntryOf } from './registry-entry';

/** An entry is kept for so long after it was written, in ms (REGISTRATION_TTL_SECONDS of n8n). */
const KEPT_MS = 60_000;

/** n8n's instance registry, as it keeps it in Redis. */
export class RedisInstanceRegistry implements InstanceRegistryView {
	constructor(
		private readonly session: RedisSession,
		private readonly prefix: string,
		private readonly time: Clock,
	) {}

	instances(): Promise<readonly InstanceEntry[]> {
		return this.session.ask('instance registry', async (client) => {
			const keys = await client.smembers(`${this.prefix}:{instance:}members`);
			if (keys.length === 0) return [];
			const pipeline = client.pipeline().mget(keys);
			for (const key of keys) pipeline.pttl(key);
			const ask = async () =>
				(await repliesOf(pipeline)) as [Array<string | null>, ...Array<number>];
			const { answer, clockShowing } = await readClock(this.time, ask);
			const [texts, ...left] = answer;
			return texts.flatMap((text, index) => {
				// Those whose entry has run out stay members for a while.
				const entry = text === null ? undefined : instanceEntryOf(text);
				if (!entry) return [];
				const clock = clockShowing(shownNow(entry, left[index]!));
				return clock ? [{ ...entry, clock }] : [entry];
			});
		});
	}
}

/** How long an entry is still kept says how long ago its writer's clock showed what it says. */
const shownNow = ({ lastSeenAt }: InstanceEntry, leftMs: number): number | undefined =>
	leftMs > 0 && leftMs <= KEPT_MS ? lastSeenAt + KEPT_MS - leftMs : undefined;
