import type { JobState } from '../../../core/ports/stack';
import type { RedisClient } from '../../redis';
import { repliesAtOnce } from '../replies-of';
import type { BullKeys } from '../bull-keys';
import type { JobPlace } from './job-reader';

/** A job and the list in which it stands. */
export interface ListedJob extends JobPlace {
	readonly state: JobState;
}

export interface ListedJobs {
	readonly jobs: readonly ListedJob[];
	readonly isWhole: boolean;
}

/** Bull's lists of each state. Workers take from the end; a paused queue has its waiting jobs elsewhere. */
const LISTS = {
	waiting: ['wait', 'paused'],
	active: ['active'],
	delayed: ['delayed'],
} as const satisfies Record<JobState, readonly string[]>;

/** As jobs go on, so that one that does so between two questions is found twice rather than not at all. */
const STEPS: readonly JobState[] = ['delayed', 'waiting', 'active'];

/** Which jobs stand in these states, in one step, so that none that goes on meanwhile is missed. */
export async function listJobs(
	client: RedisClient,
	keys: BullKeys,
	pools: readonly string[],
	states: readonly JobState[],
	limit: number,
): Promise<ListedJobs> {
	const wanted = STEPS.filter((state) => states.includes(state));
	const asked = pools.flatMap((pool) =>
		wanted.flatMap((state) => LISTS[state].map((list) => ({ pool, state, list }))),
	);
	const replies = (await repliesAtOnce(client, (sent) => {
		for (const { pool, list } of asked) {
			const key = keys.of(pool, list);
			if (list === 'delayed') sent.zrange(key, 0, `${limit}`);
			else sent.lrange(key, -limit - 1, -1);
		}
	})) as string[][];
	const jobs = asked.flatMap(({ pool, state, list }, index) => {
		const ids = replies[index]!;
		const first = list === 'delayed' ? ids.slice(0, limit) : ids.slice(-limit).reverse();
		return first.map((id): ListedJob => ({ id, pool, state }));
	});
	return { jobs, isWhole: replies.every((ids) => ids.length <= limit) };
}
