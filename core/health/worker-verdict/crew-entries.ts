import { LastUsed } from '../../last-used';
import type { InstanceEntry } from '../../ports/stack';

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
}

/** Whoever answered last at this time, in ms since the epoch; undefined where nobody ever did. */
type HeardAt = number | undefined;

/** An entry is kept for 60 s after it was written: of one that is gone sooner the worker has taken itself off. */
const SURELY_KEPT_MS = 55_000;

/** Workers whose entries are no farther apart may have begun at once. */
const STARTED_TOGETHER_MS = 5_000;

/** Of so many entries it is remembered when they were seen first. */
const MOST_REMEMBERED = 1_000;

/** Entries that the workers of one crew have, and had: which of them is whose nothing says. */
export class CrewEntries {
	private known: ReadonlyMap<string, Listed> = new Map();
	/** Those that went, apart from those of which it was found out whose they were. */
	private removed: readonly Removed[] = [];
	private readonly ever = new LastUsed<Pick<Listed, 'firstSeenAt' | 'entry'>>(MOST_REMEMBERED);

	get size(): number {
		return this.known.size;
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
			})),
		];
	}

	/** How many were taken off since, for which nobody was found who has stopped. */
	takenOffSince(at: number): number {
		return this.removed.filter((one) => one.isTakenOff && one.at > at).length;
	}

	/** How many went that may have been the entry of one who was heard last at this time. */
	removedOf(heardAt: HeardAt): number {
		return this.removed.filter((one) => mayBeOf(one, heardAt)).length;
	}

	/** One of those that went was that of one who was heard last at this time. */
	explain(heardAt: HeardAt): void {
		// The youngest may be that of the fewest others.
		const [its] = this.removed
			.filter((one) => mayBeOf(one, heardAt))
			.sort((one, other) => other.firstSeenAt - one.firstSeenAt);
		this.removed = this.removed.filter((one) => one !== its);
	}

	/** Keeps in mind only those that may have been the entry of one of these. */
	forget(heardAt: readonly HeardAt[]): void {
		this.removed = this.removed.filter((one) => heardAt.some((at) => mayBeOf(one, at)));
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

/** It was there when whoever was heard at this time was heard, and has gone since. */
const mayBeOf = ({ firstSeenAt, at }: Removed, heardAt: HeardAt = -Infinity): boolean =>
	firstSeenAt <= heardAt && at > heardAt;
