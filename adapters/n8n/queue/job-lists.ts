import type { JobState } from '../../../core/ports/stack';
import type { RedisClient } from '../../redis';
import { repliesOf } from '../replies-of';
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

/** Which jobs stand in these states, in one step, so that none that goes on meanwhile is missed. */
export async function listJobs(
	client: RedisClient,
	keys: BullKeys,
	pools: readonly string[],
	states: readonly JobState[],
	limit: number,
): Promise<ListedJobs> {
	const asked = pools.flatMap((pool) =>
		states.flatMap((state) => LISTS[state].map((list) => ({ pool, state, list }))),
	);
	const multi = client.multi();
	for (const { pool, list } of asked) {
		const key = keys.of(pool, list);
		if (list === 'delayed') multi.zrange(key, 0, `${limit}`);
		else multi.lrange(key, -limit - 1, -1);
	}
	const replies = (await repliesOf(multi)) as string[][];
	const jobs = asked.flatMap(({ pool, state, list }, index) => {
		const ids = replies[index]!;
		const first = list === 'delayed' ? ids.slice(0, limit) : ids.slice(-limit).reverse();
		return first.map((id): ListedJob => ({ id, pool, state }));
	});
	return { jobs, isWhole: replies.every((ids) => ids.length <= limit) };
}
