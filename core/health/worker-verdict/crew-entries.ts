import { LastUsed } from '../../last-used';
import type { InstanceEntry } from '../../ports/stack';
import type { WorkerRecord } from './worker-record';

/** An entry of the registry, as it was seen from look to look. */
export interface Listed {
	readonly entry: InstanceEntry;
	/** Also where it was gone in between, as when Redis has lost the registry. */
	readonly firstSeenAt: number;
	/** At which look it was new, or had been renewed. */
	readonly movedAt: number;
}

/** An entry that is gone. */
interface Removed {
	readonly firstSeenAt: number;
	/** At which look it was gone. */
	readonly at: number;
	/** Whether it had not run out. */
	readonly isTakenOff: boolean;
	/** Whether somebody was found who has stopped, and may have had it. */
	readonly isExplained: boolean;
}

/** A worker, by when it answered last. */
type Owner = Pick<WorkerRecord, 'answeredAt'>;

/** An entry is kept for 60 s after it was written: of one that is gone sooner the worker has taken itself off. */
const SURELY_KEPT_MS = 55_000;

/** Workers whose entries are no farther apart may have begun at once. */
const STARTED_TOGETHER_MS = 5_000;

/** Of so many entries it is remembered when they were seen first. */
const MOST_REMEMBERED = 1_000;

/** Entries that the workers of one crew have, and had: which of them is whose nothing says. */
export class CrewEntries {
	private known: ReadonlyMap<string, Listed> = new Map();
	private removed: readonly Removed[] = [];
	private readonly ever = new LastUsed<Pick<Listed, 'firstSeenAt' | 'entry'>>(MOST_REMEMBERED);

	get size(): number {
		return this.known.size;
	}

	/** Whether there is one, and was never another: where nobody says which there are, others may be there. */
	get isOnly(): boolean {
		return this.ever.all().length === 1;
	}

	get listed(): readonly Listed[] {
		return [...this.known.values()];
	}

	/** Notes which there are now. */
	note(entries: readonly InstanceEntry[], at: number): void {
		const before = this.known;
		this.known = new Map(
			entries.map((entry) => {
				const { instanceKey } = entry;
				const last = before.get(instanceKey);
				const hasMoved = !last || entry.lastSeenAt > last.entry.lastSeenAt;
				const { firstSeenAt } = this.ever.get(instanceKey) ?? { firstSeenAt: at };
				this.ever.set(instanceKey, { firstSeenAt, entry });
				return [instanceKey, { entry, firstSeenAt, movedAt: hasMoved ? at : last.movedAt }];
			}),
		);
		const gone = [...before].filter(([key]) => !this.known.has(key));
		this.removed = [
			...this.removed,
			...gone.map(([, { entry, firstSeenAt, movedAt }]) => ({
				...{ firstSeenAt, at },
				isTakenOff: at - (entry.writtenAt ?? movedAt) < SURELY_KEPT_MS,
				isExplained: false,
			})),
		];
	}

	/** How many were taken off since, for which nobody was found who has stopped. */
	takenOffSince(at: number): number {
		return this.removed.filter((one) => isUnexplained(one) && one.at > at).length;
	}

	/**
	 * Whether this worker may have none any more, whoever else was found to have stopped.
	 * @param ranOut so many may have run out though whoever had them lives.
	 */
	mayLack(owner: Owner, ranOut: number): boolean {
		const maybeIts = this.removed.filter((one) => mayBeOf(one, owner));
		return maybeIts.length > ranOut || maybeIts.some(({ isTakenOff }) => isTakenOff);
	}

	/** It has stopped: one of those that were taken off may have been its. */
	noteStopped(owner: Owner): void {
		const [its] = this.removed
			.filter((one) => isUnexplained(one) && mayBeOf(one, owner))
			.sort((one, other) => other.firstSeenAt - one.firstSeenAt);
		this.removed = this.removed.map((one) => (one === its ? { ...one, isExplained: true } : one));
	}

	/** Keeps in mind only those that may have been one of these workers'. */
	forget(owners: readonly Owner[]): void {
		this.removed = this.removed.filter((one) => owners.some((owner) => mayBeOf(one, owner)));
	}

	/** When workers began that may have begun at once, as their entries tell. */
	get twins(): readonly number[] {
		const began = this.ever
			.all()
			.map(({ entry }) => entry.registeredAt)
			.sort((one, other) => one - other);
		return began.filter(
			(one, place) =>
				one - (began[place - 1] ?? -Infinity) <= STARTED_TOGETHER_MS ||
				(began[place + 1] ?? Infinity) - one <= STARTED_TOGETHER_MS,
		);
	}
}

const isUnexplained = ({ isTakenOff, isExplained }: Removed): boolean => isTakenOff && !isExplained;

/** It was there when the worker was heard last, and has gone since. */
const mayBeOf = ({ firstSeenAt, at }: Removed, { answeredAt = -Infinity }: Owner): boolean =>
	firstSeenAt <= answeredAt && at > answeredAt;
