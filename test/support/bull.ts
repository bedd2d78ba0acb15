import Bull from 'bull';
import { Cluster, Redis } from 'ioredis';

import type { RedisAddress } from '../../adapters/redis';

/** As n8n opens a queue, without a handler of jobs. Close it in the end. */
export function openBull(
	nodes: readonly RedisAddress[],
	{ name = 'jobs', prefix = 'bull', isCluster = false } = {},
): Bull.Queue {
	const queue = new Bull(name, {
		prefix,
		settings: { lockDuration: 60_000, lockRenewTime: 10_000, maxStalledCount: 0 },
		createClient: () => {
			// As n8n has it, but for the last: it would wait for servers that have ended.
			const options = { enableReadyCheck: false, maxRetriesPerRequest: null, disconnectTimeout: 0 };
			return (
				isCluster
					? new Cluster([...nodes], { redisOptions: options })
					: new Redis({ ...nodes[0], ...options })
			) as never;
		},
	});
	// Without a listener an error would end the process.
	queue.on('error', () => undefined);
	return queue;
}

/** What n8n gives each job besides its data. */
export const jobOptions = { priority: 100, removeOnComplete: 0, removeOnFail: 0 };

/** The data of a job as n8n adds it. */
export const jobData = (executionId: string) => ({
	workflowId: 'workflow',
	executionId,
	loadStaticData: false,
});
