import type { WorkerStatus } from '../../ports/stack';
import { LONGEST_ON_ITS_WAY_MS, mayBeOfOne } from '../worker-verdict';

/** Workers of one name, of which some are in no list: nobody knows which. */
interface Unlisted {
	/** When one of them answered last. */
	readonly at: number;
	readonly members: readonly WorkerStatus[];
	readonly count: number;
}

/**
 * Remembers workers that answered and were in no list, for as long as they do not answer again and are listed. All workers
 * of a machine may have one name, so that they are counted.
 */
export class UnlistedWorkers {
	private crews: ReadonlyMap<string, Unlisted> = new Map();

	/** How many there are. */
	get count(): number {
		return [...this.crews.values()].reduce((sum, { count }) => sum + count, 0);
	}

	/**
	 * @param listedSince by the names of workers, since when each entry is known, ms since the epoch.
	 * @param answered likewise, the answers. @param rememberedMs for how long those are known who do not answer.
	 */
	note(
		at: number,
		listedSince: ReadonlyMap<string, readonly number[]>,
		answered: ReadonlyMap<string, readonly WorkerStatus[]>,
		rememberedMs: number,
	): void {
		const names = new Set([...this.crews.keys(), ...answered.keys()]);
		this.crews = new Map(
			[...names].flatMap((name) => {
				const own = answered.get(name) ?? [];
				const now = unlistedAmong(own, listedSince.get(name) ?? []);
				const before = this.crews.get(name);
				const isOld = !before || at - before.at > rememberedMs;
				const missing = isOld ? [] : missingOf(before.members, own);
				const silent = isOld ? 0 : Math.min(before.count, missing.length);
				if (now + silent === 0) return [];
				const members = [...(silent > 0 ? missing : []), ...(now > 0 ? own : [])];
				return [[name, { at: now > 0 || isOld ? at : before.at, members, count: now + silent }]];
			}),
		);
	}
}

/** Those of whom there is no answer, each answer being of one of them at most. */
function missingOf(
	members: readonly WorkerStatus[],
	answers: readonly WorkerStatus[],
): readonly WorkerStatus[] {
	const left = [...answers];
	return members.filter((member) => {
		const index = left.findIndex((answer) => mayBeOfOne(answer, member));
		if (index >= 0) left.splice(index, 1);
		return index < 0;
	});
}

/** An entry that was there before a process began is that of another, in the place of which this one may have come. */
function unlistedAmong(answers: readonly WorkerStatus[], listedSince: readonly number[]): number {
	const free = listedSince.toSorted((one, other) => other - one);
	return answers
		.toSorted((one, other) => other.startedAt - one.startedAt)
		.filter(({ startedAt }) => {
			const isListed = free.length > 0 && free[0]! >= startedAt - LONGEST_ON_ITS_WAY_MS;
			if (isListed) free.shift();
			return !isListed;
		}).length;
}
