import { readClock } from '../../../core/clocks';
import type { Clock } from '../../../core/ports';
import type { InstanceEntry, InstanceRegistryView } from '../../../core/ports/stack';
import type { RedisSession } from '../redis-session';
import { repliesOf } from '../replies-of';
import { instanceEntryOf } from './registry-entry';
import { RegistryUnreadableError } from './registry-unreadable-error';

/** A process writes its first entry at once, and the next after 30 s. In ms. */
const FIRST_MS = 1_000;

/** An entry is kept for so long after it was written, in ms (REGISTRATION_TTL_SECONDS of n8n). */
const KEPT_MS = 60_000;

interface Read {
	readonly entries: readonly InstanceEntry[];
	/** Keys of those that are there and cannot be read. */
	readonly unread: readonly string[];
}

/** n8n's instance registry, as it keeps it in Redis. */
export class RedisInstanceRegistry implements InstanceRegistryView {
	constructor(
		private readonly session: RedisSession,
		private readonly prefix: string,
		private readonly time: Clock,
	) {}

	/** @throws {RegistryUnreadableError} */
	async instances(): Promise<readonly InstanceEntry[]> {
		const { entries, unread } = await this.read();
		// One that cannot be read may be anybody's; where none can be, that there is no process would not be true.
		if (entries.length === 0 && unread.length > 0)
			throw new RegistryUnreadableError(unread, this.prefix);
		return entries;
	}

	private read(): Promise<Read> {
		return this.session.ask('instance registry', async (client) => {
			const keys = await client.smembers(`${this.prefix}:{instance:}members`);
			if (keys.length === 0) return { entries: [], unread: [] };
			const pipeline = client.pipeline().mget(keys);
			for (const key of keys) pipeline.pttl(key);
			const ask = async () =>
				(await repliesOf(pipeline)) as [Array<string | null>, ...Array<number>];
			const { answer, at, clockShowing } = await readClock(this.time, ask);
			const [texts, ...left] = answer;
			const unread: string[] = [];
			const entries = texts.flatMap((text, index) => {
				// Those whose entry has run out stay members for a while.
				if (text === null) return [];
				const entry = instanceEntryOf(text);
				if (!entry) {
					unread.push(keys[index]!);
					return [];
				}
				const ageMs = KEPT_MS - left[index]!;
				// Without a time to live, or with a longer one, another version of n8n has written it.
				if (ageMs < 0 || ageMs >= KEPT_MS) return [entry];
				const clock = isFirst(entry) ? undefined : clockShowing(entry.lastSeenAt + ageMs);
				return [{ ...entry, writtenAt: at - ageMs, ...(clock && { clock }) }];
			});
			return { entries, unread };
		});
	}
}

/** The first one waits until its writer is connected, and so is older than when it was written. */
const isFirst = ({ lastSeenAt, registeredAt }: InstanceEntry): boolean =>
	lastSeenAt - registeredAt < FIRST_MS;
