import Bull from 'bull';
import { Cluster, Redis } from 'ioredis';

import type { RedisAddress } from '../../adapters/redis';

/** A queue as n8n opens it, without a handler of jobs. */
export interface OpenBull {
	readonly queue: Bull.Queue;
	close(): Promise<void>;
}

export function openBull(
	nodes: readonly RedisAddress[],
	{ name = 'jobs', prefix = 'bull', isCluster = false } = {},
): OpenBull {
	const clients: Array<Redis | Cluster> = [];
	// As n8n has it, but for the last: it would wait for servers that have ended.
	const options = { enableReadyCheck: false, maxRetriesPerRequest: null, disconnectTimeout: 0 };
	const createClient = () => {
		const client = isCluster
			? new Cluster([...nodes], { redisOptions: options })
			: new Redis({ ...nodes[0], ...options });
		clients.push(client);
		// Bull knows an older version of the client.
		return client as never;
	};
	const queue = new Bull(name, {
		...{ prefix, createClient },
		settings: { lockDuration: 60_000, lockRenewTime: 10_000, maxStalledCount: 0 },
	});
	// Without a listener an error would end the process.
	queue.on('error', () => undefined);
	return {
		queue,
		async close() {
			await queue.close();
			for (const client of clients) client.disconnect();
		},
	};
}

/** What n8n gives each job besides its data. */
export const jobOptions = { priority: 100, removeOnComplete: 0, removeOnFail: 0 };

/** The data of a job as n8n adds it. */
export const jobData = (executionId: string) => ({
	workflowId: 'workflow',
	executionId,
	loadStaticData: false,
});
