import type { PoolCounts } from '../../ports/stack';

/** A queue's counts at one look. */
interface Counted {
	readonly at: number;
	readonly counts: PoolCounts;
}

/** Rates are taken over so long, so that they follow the load and yet are no chance. */
const WINDOW_MS = 60_000;

/** Over less than this a rate says nothing. */
const SHORTEST_WINDOW_MS = 2_000;

/** How jobs came and went between two looks, each per second. */
export interface QueueRates {
	readonly overMs: number;
	readonly arrivals: number;
	/** That workers took. */
	readonly taken: number;
	/** That ended. */
	readonly ended: number;
}

/** Remembers counts of queues between looks. */
export class QueueHistory {
	private readonly pools = new Map<string, Counted[]>();

	note(at: number, counts: readonly PoolCounts[]): void {
		for (const one of counts) {
			const known = this.pools.get(one.pool) ?? [];
			// A counter that has gone back is another Redis.
			const isNew = known.some((before) => before.counts.added > one.added || before.at > at);
			const kept = isNew ? [] : known.filter((before) => at - before.at <= WINDOW_MS);
			this.pools.set(one.pool, [...kept, { at, counts: one }]);
		}
	}

	/** @returns undefined before there are two looks that are far enough apart. */
	ratesOf(pool: string): QueueRates | undefined {
		const known = this.pools.get(pool) ?? [];
		const [first, last] = [known[0], known.at(-1)];
		if (!first || !last || last.at - first.at < SHORTEST_WINDOW_MS) return undefined;
		const overMs = last.at - first.at;
		const perSecond = (jobs: number): number => (Math.max(0, jobs) * 1_000) / overMs;
		const added = last.counts.added - first.counts.added;
		return {
			overMs,
			arrivals: perSecond(added),
			taken: perSecond(added - (notTaken(last.counts) - notTaken(first.counts))),
			ended: perSecond(added - (unfinished(last.counts) - unfinished(first.counts))),
		};
	}
}

const notTaken = ({ waiting, delayed }: PoolCounts): number => waiting + delayed;

const unfinished = (counts: PoolCounts): number => notTaken(counts) + counts.active;
