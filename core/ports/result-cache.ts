import type { Awaitable } from './policy-store';

/** A result that was good once. */
export interface CachedResult {
	readonly value: unknown;
	/** When it was stored, ms since the epoch. */
	readonly storedAt: number;
}

/** Remembers last good results for fallbacks. May forget at any time; never fails a call. */
export interface ResultCache {
	/** The newest result under `key`, or undefined. */
	get(key: string): Awaitable<CachedResult | undefined>;
	/** Remembers `value` (JSON-like) for at most `ttlMs`. Values over the cache's size limit are not stored. */
	set(key: string, value: unknown, ttlMs: number): Awaitable<void>;
}
