import type { QueueControl } from '../../../core/ports/stack';
import type { RedisClient } from '../../redis';
import type { QueueSettings } from '../stack-settings';
import type { BullKeys } from '../bull-keys';
import source from './lua/enqueue.lua';
import { GIVEN_AGAIN } from './job-reader';
import { QueueScript } from './queue-script';

const script = new QueueScript(source);

/** What n8n gives to executions that nobody waits for. */
const PRIORITY = 100;

/** For so long an attempt is known to have been enqueued, in ms: longer than anyone comes back to an execution. */
const MARK_MS = 30 * 24 * 60 * 60 * 1_000;

/** A job to add, under an id that another attempt to add the same one has too. */
export type NewJob = Parameters<QueueControl['enqueue']>[0] & {
	/** One for each time that somebody wants it added. */
	readonly requestId: string;
	/** Ms since the epoch. */
	readonly addedAt: number;
};

/**
 * Adds a job by a script that does what Bull does, since Bull itself would add it again when it has ended, and keeps
 * three connections with timers of its own.
 */
export async function enqueueJob(
	client: RedisClient,
	keys: BullKeys,
	job: NewJob,
	settings: QueueSettings,
): ReturnType<QueueControl['enqueue']> {
	const { executionId, workflowId, pool, attempt, requestId, addedAt } = job;
	const own = ownId(executionId, attempt);
	const { jobId = own } = job;
	const of = (name: string) => keys.of(pool, name);
	// With the workflow's newest static data, as when n8n goes on with an execution itself.
	const data = { workflowId, executionId, loadStaticData: true, poolName: pool };
	const options = {
		...{ priority: PRIORITY, jobId, attempts: 1, delay: 0, timestamp: addedAt },
		...{ removeOnComplete: settings.keepLastCompleted, removeOnFail: settings.keepLastFailed },
	};
	const answer = await script.run(
		client,
		[
			...[of('wait'), of('paused'), of('meta-paused'), of('id'), of('priority')],
			...[of(jobId), of(markOf(executionId, attempt)), of(GIVEN_AGAIN)],
		],
		[
			...[requestId, MARK_MS, jobId, JSON.stringify(data), JSON.stringify(options)],
			...[addedAt, PRIORITY, jobId === own ? 0 : 1],
		],
	);
	// A Redis that was restored gives ids again: nobody waits for this one's end under that of another.
	if (answer === 2 && jobId !== own)
		return await enqueueJob(client, keys, { ...job, jobId: own }, settings);
	return { jobId, isNew: answer === 1 };
}

/** Whether it was added before. */
export async function wasEnqueued(
	client: RedisClient,
	keys: BullKeys,
	{ executionId, pool, attempt }: Parameters<QueueControl['wasEnqueued']>[0],
): Promise<boolean> {
	return (await client.exists(keys.of(pool, markOf(executionId, attempt)))) === 1;
}

const ownId = (executionId: string, attempt: number): string => `bulwark-${executionId}-${attempt}`;

const markOf = (executionId: string, attempt: number): string =>
	`bulwark:${executionId}:${attempt}`;
