import type { InstanceEntry } from '../ports/stack';

interface Read {
	readonly lastSeenAt: number;
	readonly aheadMs: number;
	/** As the entry before it told, or itself where there was none. */
	readonly before: number;
}

/**
 * Makes clocks steady that entries of the registry tell. An entry is dated before it is written, and so makes its writer's
 * clock seem behind by as long as it had to wait for Redis. Of two entries, one after the other, the one that waited less
 * is nearer to the truth, as in NTP's clock filter (RFC 5905, section 10).
 */
export class EntryClocks {
	private known: ReadonlyMap<string, Read> = new Map();

	steady(entries: readonly InstanceEntry[]): readonly InstanceEntry[] {
		const { known } = this;
		this.known = new Map(
			entries.flatMap(({ instanceKey, lastSeenAt, clock }) => {
				const last = known.get(instanceKey);
				if (!clock) return last ? [[instanceKey, last]] : [];
				const isSame = last?.lastSeenAt === lastSeenAt;
				const before = isSame ? last.before : (last?.aheadMs ?? clock.aheadMs);
				return [[instanceKey, { lastSeenAt, aheadMs: clock.aheadMs, before }]];
			}),
		);
		return entries.map((entry) => {
			const { clock, instanceKey } = entry;
			if (!clock) return entry;
			const { aheadMs, before } = this.known.get(instanceKey)!;
			return { ...entry, clock: { ...clock, aheadMs: Math.max(aheadMs, before) } };
		});
	}
}
