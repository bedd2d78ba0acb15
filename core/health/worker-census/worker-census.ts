import { EntryClocks } from '../../clocks';
import type {
	InstanceEntry,
	ProcessMetrics,
	RedisClient,
	UnreachableProcess,
	WorkerStatus,
} from '../../ports/stack';
import { RollCall } from './roll-call';
import { UnlistedWorkers } from './unlisted-workers';

/** An entry is kept for 60 s after it was written: of one that is gone sooner the worker has taken itself off. */
const SURELY_KEPT_MS = 55_000;

/** A worker that went without a word may live for so long. */
const REMEMBERED_MS = 24 * 3_600_000;

/** No look takes so long: what is still earlier comes of our clock, which was set back. In ms. */
const LONGEST_LOOK_MS = 60_000;

/** What one look shows of who is there; undefined where a source did not answer. */
export interface CensusLook {
	/** Before anything was asked, ms since the epoch. */
	readonly at: number;
	readonly instances: readonly InstanceEntry[] | undefined;
	readonly answers: readonly WorkerStatus[] | undefined;
	readonly clients: ReadonlyArray<Pick<RedisClient, 'ageMs'>> | undefined;
	readonly processes?: ReadonlyArray<ProcessMetrics | UnreachableProcess>;
}

/** An entry, when it was seen first, and the earliest time at which it can have been written last. */
interface Listed {
	readonly firstSeenAt: number;
	readonly lastSeenAt: number;
	readonly writtenAt: number;
}

/**
 * Remembers workers that went without a word: nobody knows whether they have died or are only cut off. Whoever looks at
 * workers is to note it here, so that none is missed who was there at any look.
 */
export class WorkerCensus {
	/** Clocks of all that are listed, made steady by what all looks read. */
	readonly clocks = new EntryClocks();
	private notedAt = -Infinity;
	private listed: ReadonlyMap<string, Listed> = new Map();
	private readonly ranOut = new Map<string, Listed & { readonly since: number }>();
	private readonly unlisted = new UnlistedWorkers();
	private readonly rollCall = new RollCall();
	/** How many of those that are listed, or whose entries ran out, have ended for certain. */
	private replaced = 0;

	/** Of two looks at the same time the one that began first tells nothing any more. */
	note({ at, instances, answers, clients, processes }: CensusLook): void {
		if (at < this.notedAt && this.notedAt - at < LONGEST_LOOK_MS) return;
		const workers = instances?.filter(({ type }) => type === 'worker');
		if (workers) this.noteListed(at, workers, this.isNewServer(at, clients));
		if (workers && answers) {
			const listedSince = Map.groupBy(workers, crewOf);
			const since = ({ instanceKey }: InstanceEntry) => this.listed.get(instanceKey)!.firstSeenAt;
			this.unlisted.note(
				at,
				new Map([...listedSince].map(([crew, own]) => [crew, own.map(since)])),
				Map.groupBy(answers, crewOf),
				REMEMBERED_MS,
			);
		}
		this.noteReplaced(workers, answers, processes);
		this.notedAt = at;
	}

	/**
	 * How many workers may live: listed, answering without being listed, or gone without a word; but not those in whose
	 * places others have come.
	 */
	get mayLive(): number {
		return this.listed.size + this.ranOut.size + this.unlisted.count - this.replaced;
	}

	private noteReplaced(
		registered: readonly InstanceEntry[] | undefined,
		answered: readonly WorkerStatus[] | undefined,
		processes: CensusLook['processes'],
	): void {
		const checks = processes?.filter(({ type }) => type === 'worker') ?? [];
		const known = new Set([...this.listed.keys(), ...this.ranOut.keys()]);
		const ended = this.rollCall.replaced(known, checks);
		this.replaced = ended;
		if (!registered || !answered) return;
		const isWhole = this.rollCall.isWhole({ known, ended, answered, checks });
		if (!isWhole || this.unlisted.count > 0) return;
		this.rollCall.keep();
		if (registered.length > answered.length) return;
		// All that are listed answer, so that those who were replaced are the ones whose entries ran out.
		this.ranOut.clear();
		this.replaced = 0;
	}

	/** Nobody takes himself off a list that is lost: after a failover, or a start without data. */
	private isNewServer(at: number, clients: CensusLook['clients'] = []): boolean {
		const sinceMs = at - this.notedAt;
		return clients.length > 0 && clients.every(({ ageMs }) => ageMs < sinceMs);
	}

	private noteListed(at: number, workers: readonly InstanceEntry[], isNewServer: boolean): void {
		const before = this.listed;
		this.listed = new Map(
			workers.map((entry) => [entry.instanceKey, this.listedNow(at, entry, before)]),
		);
		for (const [key, entry] of before)
			if (!this.listed.has(key) && (isNewServer || at - entry.writtenAt >= SURELY_KEPT_MS))
				this.ranOut.set(key, { ...entry, since: at });
		for (const [key, { since, lastSeenAt }] of this.ranOut) {
			const isBack = (this.listed.get(key)?.lastSeenAt ?? -Infinity) > lastSeenAt;
			if (isBack || at - since > REMEMBERED_MS) this.ranOut.delete(key);
		}
	}

	private listedNow(
		at: number,
		{ instanceKey, lastSeenAt, writtenAt }: InstanceEntry,
		before: ReadonlyMap<string, Listed>,
	): Listed {
		const last = before.get(instanceKey) ?? this.ranOut.get(instanceKey);
		const seen = { firstSeenAt: last?.firstSeenAt ?? at, lastSeenAt };
		if (writtenAt !== undefined) return { ...seen, writtenAt };
		if (!last) return { ...seen, writtenAt: -Infinity };
		return last.lastSeenAt < lastSeenAt ? { ...seen, writtenAt: this.notedAt } : last;
	}
}

const crewOf = ({ hostId, pool }: Pick<InstanceEntry, 'hostId' | 'pool'>): string =>
	`${hostId}\n${pool}`;
