import type { CachedResult, Clock, ResultCache } from '../../core/ports';

interface Remembered extends CachedResult {
	readonly expiresAt: number;
	readonly bytes: number;
}

/** Last good results in this process; the least recently stored leave first when the cache is full. */
export class MemoryResultCache implements ResultCache {
	private readonly results = new Map<string, Remembered>();
	private bytes = 0;

	constructor(
		private readonly clock: Clock,
		/** All values together, as JSON. */
		private readonly maxBytes = 64 * 1024 * 1024,
		/** A single value, as JSON; larger ones are not kept. */
		private readonly maxValueBytes = 1024 * 1024,
	) {}

	get(key: string): CachedResult | undefined {
		const found = this.results.get(key);
		if (!found) return undefined;
		if (found.expiresAt > this.clock.now()) return found;
		this.forget(key);
		return undefined;
	}

	set(key: string, value: unknown, ttlMs: number): void {
		const json = JSON.stringify(value);
		const bytes = 2 * (key.length + (json?.length ?? 0));
		this.forget(key);
		if (json === undefined || bytes > this.maxValueBytes) return;
		const storedAt = this.clock.now();
		// A copy, so that what happens to the item later does not change what is remembered.
		this.results.set(key, {
			value: JSON.parse(json),
			storedAt,
			expiresAt: storedAt + ttlMs,
			bytes,
		});
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
