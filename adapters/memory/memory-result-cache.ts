import type { CachedResult, Clock, ResultCache } from '../../core/ports';

interface Remembered {
	/** The value as JSON: what happens to an item later does not change what is remembered. */
	readonly json: string;
	readonly storedAt: number;
	readonly expiresAt: number;
	readonly bytes: number;
}

/** What an entry takes besides its key and its value, roughly. */
const BYTES_PER_ENTRY = 200;

/** Last good results in this process; the least recently stored leave first when the cache is full. */
export class MemoryResultCache implements ResultCache {
	private readonly results = new Map<string, Remembered>();
	private bytes = 0;

	constructor(
		private readonly clock: Clock,
		/** All entries together. */
		private readonly maxBytes = 64 * 1024 * 1024,
		/** A single entry. A larger one is not kept, and the one before it stays: it is good, if older. */
		private readonly maxValueBytes = 1024 * 1024,
	) {}

	get(key: string): CachedResult | undefined {
		const found = this.results.get(key);
		if (!found) return undefined;
		const now = this.clock.now();
		if (found.expiresAt > now)
			return { value: JSON.parse(found.json), ageMs: now - found.storedAt };
		this.forget(key);
		return undefined;
	}

	set(key: string, value: unknown, ttlMs: number): void {
		const json = jsonOf(value);
		if (json === undefined) return;
		const bytes = BYTES_PER_ENTRY + 2 * (key.length + json.length);
		if (bytes > this.maxValueBytes) return;
		this.forget(key);
		const storedAt = this.clock.now();
		this.results.set(key, { json, storedAt, expiresAt: storedAt + ttlMs, bytes });
		this.bytes += bytes;
		for (const oldest of this.results.keys()) {
			if (this.bytes <= this.maxBytes) break;
			this.forget(oldest);
		}
	}

	private forget(key: string): void {
		this.bytes -= this.results.get(key)?.bytes ?? 0;
		this.results.delete(key);
	}
}

/** Undefined for what JSON cannot hold, such as a circle. */
function jsonOf(value: unknown): string | undefined {
	try {
		return JSON.stringify(value);
	} catch {
		return undefined;
	}
}
