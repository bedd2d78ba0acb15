import type { PoolCounts } from '../../../core/ports/stack';
import type { RedisClient } from '../../redis';
import { repliesAtOnce, repliesOf } from '../replies-of';
import type { BullKeys } from '../bull-keys';
import type { JobPlace, JobReader } from './job-reader';

/** n8n gives this to executions that somebody waits for, and 100 to all others. */
const URGENT = 50;

const COMMANDS_PER_POOL = 11;

/** Counts the jobs of each pool. */
export async function countJobs(
	client: RedisClient,
	keys: BullKeys,
	reader: JobReader,
	pools: readonly string[],
): Promise<PoolCounts[]> {
	const replies = await repliesAtOnce(client, (sent) => {
		for (const pool of pools) {
			const of = (name: string) => keys.of(pool, name);
			sent.llen(of('wait')).llen(of('paused')).llen(of('active'));
			sent.zcard(of('delayed')).zcard(of('failed')).zcard(of('completed'));
			sent.exists(of('meta-paused')).get(of('id'));
			sent.lindex(of('wait'), -1).lindex(of('paused'), -1);
			sent.zcount(of('priority'), '-inf', URGENT);
		}
	});
	const counted = pools.map((pool, index) => {
		const of = replies.slice(index * COMMANDS_PER_POOL, (index + 1) * COMMANDS_PER_POOL);
		const [wait, paused, active, delayed, failed, completed, meta] = of.map(Number) as number[];
		const first = (of[8] ?? of[9]) as string | null;
		return {
			...{ pool, active: active!, delayed: delayed!, failed: failed!, completed: completed! },
			...{ waiting: wait! + paused!, isPaused: meta === 1, added: Number(of[7] ?? 0) },
			...{ first, list: of[8] === null ? 'paused' : 'wait', urgent: Number(of[10]) },
		};
	});
	const oldest = await oldestWaiting(client, keys, reader, counted);
	return counted.map(({ first: _, list: __, urgent: ___, ...counts }) => ({
		...counts,
		oldestWaitingAt: oldest.get(counts.pool),
	}));
}

interface Waiting {
	readonly pool: string;
	readonly waiting: number;
	/** Who goes first, of the list in which they wait. */
	readonly first: string | null;
	readonly list: string;
	readonly urgent: number;
}

/** The first of those that go before others is not the oldest where others wait behind them. */
async function oldestWaiting(
	client: RedisClient,
	keys: BullKeys,
	reader: JobReader,
	counted: readonly Waiting[],
): Promise<ReadonlyMap<string, number>> {
	const mixed = counted.filter(({ urgent, waiting }) => urgent > 0 && urgent < waiting);
	const firstOfOthers: JobPlace[] = [];
	if (mixed.length > 0) {
		const pipeline = client.pipeline();
		for (const { pool, list, urgent } of mixed) pipeline.lindex(keys.of(pool, list), -urgent - 1);
		for (const [index, id] of (await repliesOf(pipeline)).entries())
			if (id) firstOfOthers.push({ pool: mixed[index]!.pool, id: id as string });
	}
	const firsts = counted.flatMap(({ pool, first }) => (first ? [{ pool, id: first }] : []));
	const places = [...firsts, ...firstOfOthers];
	const facts = await reader.read(client, places);
	const oldest = new Map<string, number>();
	for (const [index, { pool }] of places.entries()) {
		const addedAt = facts[index]?.addedAt;
		if (addedAt) oldest.set(pool, Math.min(addedAt, oldest.get(pool) ?? Infinity));
	}
	return oldest;
}
