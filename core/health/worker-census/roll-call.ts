import type { ProcessMetrics, UnreachableProcess, WorkerStatus } from '../../ports/stack';

type HealthCheck = ProcessMetrics | UnreachableProcess;

/** What one look shows of workers. */
export interface WorkersSeen {
	/** Keys of those that are listed, or whose entries ran out. */
	readonly known: ReadonlySet<string>;
	/** How many of these have ended for certain. */
	readonly ended: number;
	readonly answered: readonly WorkerStatus[];
	/** Of workers. */
	readonly checks: readonly HealthCheck[];
}

/** All workers that there were at a look. */
interface Roll {
	readonly keys: ReadonlySet<string>;
	/** How many of these had ended. */
	readonly ended: number;
	/** When the process began that answered a health check, by its own clock and the check's address. */
	readonly startedAt: ReadonlyMap<string, number>;
}

/**
 * Remembers all workers that there were at a look. One of them has ended when another process answers its health check, as
 * where a worker that has died is started again.
 */
export class RollCall {
	private last: Roll | undefined;
	private kept: Roll | undefined;

	/**
	 * Whether all that are there are known: as many workers are known and have not ended as answer, and as have health
	 * checks that are well; and these were so at the look before, since what one look shows may have changed between its questions.
	 */
	isWhole(seen: WorkersSeen): boolean {
		const before = this.last;
		this.last = rollOf(seen);
		return this.last !== undefined && before !== undefined && isSame(this.last, before);
	}

	/** Remembers those that were seen last. */
	keep(): void {
		this.kept = this.last;
	}

	/** How many of these workers have ended for certain, each with another in its place. */
	replaced(known: ReadonlySet<string>, checks: readonly HealthCheck[]): number {
		const { kept: roll } = this;
		if (!roll) return 0;
		const taken = checks.filter((check) => {
			const [before, now] = [roll.startedAt.get(check.url), startOf(check)];
			return before !== undefined && now !== undefined && now !== before;
		});
		// Those that are not among these may be the ones that have ended.
		const others = [...roll.keys].filter((key) => !known.has(key)).length;
		return Math.max(0, roll.ended + taken.length - others);
	}
}

function rollOf({ known, ended, answered, checks }: WorkersSeen): Roll | undefined {
	const startedAt = new Map<string, number>();
	for (const check of checks) {
		const began = startOf(check);
		if (began !== undefined) startedAt.set(check.url, began);
		// Nobody knows whether one is there, or which.
		else if (!('unreachable' in check) || check.mayLive) return undefined;
	}
	const mayLive = known.size - ended;
	if (answered.length !== mayLive || startedAt.size !== mayLive) return undefined;
	return { keys: known, ended, startedAt };
}

const startOf = (check: HealthCheck): number | undefined =>
	'unreachable' in check ? undefined : check.startedAt;

const isSame = (one: Roll, other: Roll): boolean =>
	one.keys.size === other.keys.size &&
	one.ended === other.ended &&
	[...one.keys].every((key) => other.keys.has(key)) &&
	[...one.startedAt].every(([url, at]) => other.startedAt.get(url) === at);
