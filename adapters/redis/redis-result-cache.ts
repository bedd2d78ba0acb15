import type { CachedResult, ResultCache } from '../../core/ports';
import type { AskInTime } from '../../core/store-outage';
import type { StateKeys } from './state-keys';

/** The part of an ioredis client that the cache needs. */
interface CachingConnection {
	readonly client: {
		set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
		get(key: string): Promise<string | null>;
		strlen(key: string): Promise<number>;
		time(): Promise<Array<number | string>>;
	};
}

/** A larger result, in characters of JSON, is not kept, and the one before it stays: it is good, if older. */
const LONGEST_JSON = 1024 * 1024;

interface Stored {
	readonly value: unknown;
	/** ms since the epoch, by the server's clock. */
	readonly storedAt: number;
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
			const [found, now] = await ask(() => Promise.all([client.get(place), this.now()]), length);
			if (found === null) return undefined;
			const { value, storedAt } = JSON.parse(found) as Stored;
			return { value, ageMs: Math.max(0, now - storedAt) };
		} catch {
			return undefined;
		}
	}

	async set(key: string, value: unknown, ttlMs: number): Promise<void> {
		try {
			const place = this.keys.ofResult(key);
			const ask = this.askOf(place);
			const storedAt = await ask(() => this.now());
			const json = JSON.stringify({ value, storedAt } satisfies Stored);
			if (json.length > LONGEST_JSON) return;
			const { client } = this.connection;
			await ask(() => client.set(place, json, 'PX', ttlMs), json.length);
		} catch {
			// The call itself went well.
		}
	}

	/** By the server's clock, because workers' clocks may differ. */
	private async now(): Promise<number> {
		const [seconds, microseconds] = await this.connection.client.time();
		return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
	}
}
