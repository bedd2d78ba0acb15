import type { CachedResult, ResultCache } from '../../core/ports';
import type { AskInTime } from '../../core/store-outage';
import type { StateKeys } from './state-keys';

/** The part of an ioredis client that the cache needs. On a cluster all of it is sent to the master of the key. */
interface CachingConnection {
	readonly client: {
		set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
		get(key: string): Promise<string | null>;
		pttl(key: string): Promise<number>;
		strlen(key: string): Promise<number>;
	};
}

/** A larger result, in characters of JSON, is not kept, and the one before it stays: it is good, if older. */
const LONGEST_JSON = 1024 * 1024;

interface Stored {
	readonly value: unknown;
	/** For how long it was stored, in ms; its age is this less what is left of it, by the server's clock. */
	readonly ttlMs: number;
}

/** Last good results for all workers. Without Redis it knows nothing, which fails no call. */
export class RedisResultCache implements ResultCache {
	constructor(
		private readonly connection: CachingConnection,
		private readonly keys: StateKeys,
		/** By keys. */
		private readonly askOf: (key: string) => AskInTime,
	) {}

	async get(key: string): Promise<CachedResult | undefined> {
		try {
			const { client } = this.connection;
			const place = this.keys.ofResult(key);
			const ask = this.askOf(place);
			const length = await ask(() => client.strlen(place));
			if (length === 0) return undefined;
			// In this order: a result that comes between the two looks older than it is, never younger.
			const [leftMs, found] = await ask(
				() => Promise.all([client.pttl(place), client.get(place)]),
				length,
			);
			if (found === null || leftMs < 0) return undefined;
			const { value, ttlMs } = JSON.parse(found) as Partial<Stored>;
			// Of what another version has stored, or somebody else, nobody knows the age.
			if (typeof ttlMs !== 'number') return undefined;
			return { value, ageMs: Math.max(0, ttlMs - leftMs) };
		} catch {
			return undefined;
		}
	}

	async set(key: string, value: unknown, ttlMs: number): Promise<void> {
		try {
			const json = JSON.stringify({ value, ttlMs } satisfies Stored);
			if (json.length > LONGEST_JSON) return;
			const { client } = this.connection;
			const place = this.keys.ofResult(key);
			await this.askOf(place)(() => client.set(place, json, 'PX', ttlMs), json.length);
		} catch {
			// The call itself went well.
		}
	}
}
