import type { InstanceEntry, RedisClient, WorkerStatus } from '../ports/stack';
import { mayBeOfOne } from './worker-verdict';

/** An entry is kept for 60 s after it was written: of one that is gone sooner the worker has taken itself off. */
const SURELY_KEPT_MS = 55_000;

/** A worker that went without a word may live for so long. */
const REMEMBERED_MS = 24 * 3_600_000;

/** An answer tells when its process began, later by as long as it took to arrive. In ms. */
const LONGEST_ON_ITS_WAY_MS = 2_000;

/** No look takes so long: what is still earlier comes of our clock, which was set back. In ms. */
const LONGEST_LOOK_MS = 60_000;

/** What one look shows of who is there; undefined where a source did not answer. */
export interface CensusLook {
	/** Before anything was asked, ms since the epoch. */
	readonly at: number;
	readonly instances: readonly InstanceEntry[] | undefined;
	readonly answers: readonly WorkerStatus[] | undefined;
	readonly clients: ReadonlyArray<Pick<RedisClient, 'ageMs'>> | undefined;
}

/** An entry, when it was seen first, and the earliest time at which it can have been written last. */
interface Listed {
	readonly firstSeenAt: number;
	readonly lastSeenAt: number;
	readonly writtenAt: number;
}

/** Who answered, and among how many that cannot be told from it. */
interface Unlisted {
	readonly at: number;
	readonly answer: WorkerStatus;
	readonly alike: number;
}

/**
 * Remembers workers that went without a word: nobody knows whether they have died or are only cut off. Whoever looks at
 * workers is to note it here, so that none is missed who was there at any look.
 */
export class WorkerCensus {
	private notedAt = -Infinity;
	private listed: ReadonlyMap<string, Listed> = new Map();
	private readonly ranOut = new Map<
		string,
		{ readonly since: number; readonly lastSeenAt: number }
	>();
	/** Have answered, and were perhaps in no list then. */
	private unlisted: readonly Unlisted[] = [];

	/** Of two looks at the same time the one that began first tells nothing any more. */
	note({ at, instances, answers, clients }: CensusLook): void {
		if (at < this.notedAt && this.notedAt - at < LONGEST_LOOK_MS) return;
		const workers = instances?.filter(({ type }) => type === 'worker');
		if (workers) this.noteListed(at, workers, this.isNewServer(at, clients));
		if (workers && answers) this.noteUnlisted(at, workers, answers);
		this.notedAt = at;
	}

	/** How many workers may live: listed, answering without being listed, or gone without a word. */
	get mayLive(): number {
		return this.listed.size + this.ranOut.size + this.unlisted.length;
	}

	/** Nobody takes himself off a list that is lost: after a failover, or a start without data. */
	private isNewServer(at: number, clients: CensusLook['clients'] = []): boolean {
		const sinceMs = at - this.notedAt;
		return clients.length > 0 && clients.every(({ ageMs }) => ageMs < sinceMs);
	}

	private noteListed(at: number, workers: readonly InstanceEntry[], isNewServer: boolean): void {
		const before = this.listed;
		this.listed = new Map(
			workers.map((entry) => [
				entry.instanceKey,
				this.listedNow(at, entry, before.get(entry.instanceKey)),
			]),
		);
		for (const [key, { lastSeenAt, writtenAt }] of before)
			if (!this.listed.has(key) && (isNewServer || at - writtenAt >= SURELY_KEPT_MS))
				this.ranOut.set(key, { since: at, lastSeenAt });
		for (const [key, { since, lastSeenAt }] of this.ranOut) {
			const isBack = (this.listed.get(key)?.lastSeenAt ?? -Infinity) > lastSeenAt;
			if (isBack || at - since > REMEMBERED_MS) this.ranOut.delete(key);
		}
	}

	private listedNow(
		at: number,
		{ lastSeenAt, clock }: InstanceEntry,
		last: Listed | undefined,
	): Listed {
		const firstSeenAt = last?.firstSeenAt ?? at;
		const seen = { firstSeenAt, lastSeenAt };
		if (clock) return { ...seen, writtenAt: lastSeenAt - clock.aheadMs - clock.withinMs };
		if (!last) return { ...seen, writtenAt: -Infinity };
		return last.lastSeenAt < lastSeenAt ? { ...seen, writtenAt: this.notedAt } : last;
	}

	private noteUnlisted(
		at: number,
		workers: readonly InstanceEntry[],
		answers: readonly WorkerStatus[],
	): void {
		const alikeTo = (answer: WorkerStatus): number =>
			answers.filter((other) => mayBeOfOne(other, answer)).length;
		const found = this.unlistedAmong(workers, answers).map((answer) => ({
			...{ at, answer, alike: alikeTo(answer) },
		}));
		const silent = this.unlisted.filter(
			(one) => at - one.at <= REMEMBERED_MS && alikeTo(one.answer) < one.alike,
		);
		this.unlisted = [...silent, ...found];
	}

	/**
	 * Who answers and is not listed. All workers of a machine may have one name, so entries are counted; but an entry that
	 * was there before a process began is that of another, in the place of which this one may have come.
	 */
	private unlistedAmong(
		workers: readonly InstanceEntry[],
		answers: readonly WorkerStatus[],
	): readonly WorkerStatus[] {
		const entries = Map.groupBy(workers, crewOf);
		return [...Map.groupBy(answers, crewOf)].flatMap(([crew, own]) => {
			const free = (entries.get(crew) ?? [])
				.map(({ instanceKey }) => this.listed.get(instanceKey)!.firstSeenAt)
				.sort((one, other) => other - one);
			return own
				.toSorted((one, other) => other.startedAt - one.startedAt)
				.filter(({ startedAt }) => {
					const isListed = free.length > 0 && free[0]! >= startedAt - LONGEST_ON_ITS_WAY_MS;
					if (isListed) free.shift();
					return !isListed;
				});
		});
	}
}

const crewOf = ({ hostId, pool }: Pick<InstanceEntry, 'hostId' | 'pool'>): string =>
	`${hostId}\n${pool}`;
