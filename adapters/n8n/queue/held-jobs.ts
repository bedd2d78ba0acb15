import type { JobLock } from '../../../core/ports/stack';
import type { RedisClient } from '../../redis';
import { repliesOf } from '../replies-of';
import { timeOf } from '../time-of';
import type { BullKeys } from '../bull-keys';
import type { JobPlace } from './job-reader';

/** What is known of an active job. */
export interface Holding {
	readonly takenAt?: number;
	readonly lock?: JobLock;
}

/** Who holds these active jobs, in the same order; undefined for those that have ended meanwhile. */
export async function readHoldings(
	client: RedisClient,
	keys: BullKeys,
	jobs: readonly JobPlace[],
): Promise<ReadonlyArray<Holding | undefined>> {
	if (jobs.length === 0) return [];
	const lockOf = ({ pool, id }: JobPlace) => `${keys.of(pool, id)}:lock`;
	const pipeline = client.pipeline();
	pipeline.mget(jobs.map(lockOf));
	for (const job of jobs) {
		pipeline.pttl(lockOf(job));
		pipeline.hget(keys.of(job.pool, job.id), 'processedOn');
	}
	const [owners, ...others] = (await repliesOf(pipeline)) as [
		Array<string | null>,
		...Array<number | string | null>,
	];
	const holdings = jobs.map((_, index): Holding => {
		const [remainingMs, processedOn] = others.slice(2 * index, 2 * index + 2);
		const takenAt = timeOf(processedOn);
		const owner = owners[index];
		const isHeld = owner && Number(remainingMs) > 0;
		return {
			...(takenAt !== undefined && { takenAt }),
			...(isHeld && { lock: { owner, remainingMs: Number(remainingMs) } }),
		};
	});
	const unheld = jobs.filter((_, index) => !holdings[index]!.lock);
	const isActive = await stillActive(client, keys, unheld);
	return holdings.map((holding, index) =>
		holding.lock || isActive.has(jobs[index]!) ? holding : undefined,
	);
}

/** A job that was about to end had its lock taken away first. */
async function stillActive(
	client: RedisClient,
	keys: BullKeys,
	jobs: readonly JobPlace[],
): Promise<ReadonlySet<JobPlace>> {
	const pools = [...new Set(jobs.map(({ pool }) => pool))];
	if (pools.length === 0) return new Set();
	const pipeline = client.pipeline();
	for (const pool of pools) pipeline.lrange(keys.of(pool, 'active'), 0, -1);
	const lists = (await repliesOf(pipeline)) as string[][];
	const active = new Map(pools.map((pool, index) => [pool, new Set(lists[index])]));
	return new Set(jobs.filter(({ pool, id }) => active.get(pool)?.has(id)));
}
