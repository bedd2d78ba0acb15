import type { InstanceEntry } from '../ports/stack';

/** Workers report themselves every 30 s: an entry that was not renewed for longer has run out, and was not taken off. */
const SURELY_RENEWED_MS = 35_000;

/** A worker that went without a word may live for so long. */
const REMEMBERED_MS = 24 * 3_600_000;

/** Remembers workers of which the registry has run out: nobody knows whether they have died or are only cut off. */
export class WorkerCensus {
	private listed = new Map<string, { readonly lastSeenAt: number; readonly movedAt: number }>();
	private readonly silent = new Map<string, number>();

	/** @returns how many workers went without a word. */
	note(at: number, entries: readonly InstanceEntry[]): number {
		const before = this.listed;
		this.listed = new Map(
			entries
				.filter(({ type }) => type === 'worker')
				.map(({ instanceKey, lastSeenAt }) => {
					const last = before.get(instanceKey);
					const hasMoved = !last || last.lastSeenAt < lastSeenAt;
					return [instanceKey, { lastSeenAt, movedAt: hasMoved ? at : last.movedAt }];
				}),
		);
		for (const [key, { movedAt }] of before)
			if (!this.listed.has(key) && at - movedAt >= SURELY_RENEWED_MS) this.silent.set(key, at);
		for (const [key, since] of this.silent)
			if (this.listed.has(key) || at - since > REMEMBERED_MS) this.silent.delete(key);
		return this.silent.size;
	}
}
