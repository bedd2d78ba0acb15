import type { Awaitable } from '../../awaitable';

/** A result that was good once. */
export interface CachedResult {
	readonly value: unknown;
	/** How long ago it was stored, in ms. */
	readonly ageMs: number;
}

/** Remembers last good results for fallbacks. May forget at any time; never fails a call. */
export interface ResultCache {
	/** The newest result under `key`, or undefined. */
	get(key: string): Awaitable<CachedResult | undefined>;
	/** Remembers `value` (JSON-like) for at most `ttlMs`. Values over the cache's size limit are not stored. */
	set(key: string, value: unknown, ttlMs: number): Awaitable<void>;
}
