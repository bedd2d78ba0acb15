import type Bull from 'bull';
import type { Redis } from 'ioredis';

import { jobData, jobOptions, openBull, type OpenBull } from './bull';
import { localAddress, standalone } from './open-store';
import { openQueueMode, type OpenQueueMode } from './queue-mode';
import { adminClient, startRedis, type RedisServer } from './redis-server';

/** Bull's types leave out that the time can be given. */
type Options = Bull.JobOptions & { timestamp?: number };

/** n8n's queue in a Redis of a test's own, as n8n uses it and as Bulwark sees it. */
export interface BullQueue {
	readonly server: RedisServer;
	readonly redis: Redis;
	/** As n8n opens it; another one for each test. */
	readonly bull: Bull.Queue;
	/** Knows the pool "gpu" besides the usual one. */
	readonly mode: OpenQueueMode;
	/** A second replica, of the usual pool alone. */
	readonly other: OpenQueueMode;
	/** Opens one more, which ends with the test. */
	readonly open: (settings?: Parameters<typeof openBull>[1]) => Bull.Queue;
	readonly add: (executionId: string, options?: Options, queue?: Bull.Queue) => Promise<Bull.Job>;
	/** Takes a job as a worker does, and holds it; does not wait for one. */
	readonly take: (queue?: Bull.Queue, prefix?: string) => Promise<Bull.Job | null>;
	/** Takes jobs like a worker of n8n, until `release` is called. */
	readonly work: (
		queue: Bull.Queue,
		concurrency: number,
	) => { ended: unknown[]; release: () => void };
}

/** For all tests of a file, emptied before each. Complete once a test runs. */
export function useBullQueue(): BullQueue {
	const opened: OpenBull[] = [];
	const releases: Array<() => void> = [];
	const open: BullQueue['open'] = (settings) => {
		const one = openBull([localAddress(bed.server.port)], settings);
		opened.push(one);
		return one.queue;
	};
	const bed = {
		open,
		add: async (executionId, options = {}, queue = bed.bull) =>
			await queue.add('job', jobData(executionId), { ...jobOptions, ...options }),
		take: async (queue = bed.bull, prefix = 'bull') => {
			const isThere = (await bed.redis.llen(`${prefix}:jobs:wait`)) > 0;
			return isThere ? ((await queue.getNextJob()) ?? null) : null;
		},
		work: (queue, concurrency) => {
			const ended: unknown[] = [];
			let release = (): void => undefined;
			const released = new Promise<void>((resolve) => (release = resolve));
			releases.push(release);
			void queue.process('job', concurrency, async (job) => {
				await released;
				ended.push(job.data.executionId);
			});
			return { ended, release };
		},
	} as { -readonly [Key in keyof BullQueue]: BullQueue[Key] };

	beforeAll(async () => {
		bed.server = await startRedis();
		bed.redis = adminClient(bed.server.port, {});
		bed.mode = openQueueMode(standalone(bed.server.port), { pools: ['gpu'] });
		bed.other = openQueueMode(standalone(bed.server.port));
	});

	beforeEach(async () => {
		await bed.redis.flushall();
		bed.bull = open();
	});

	afterEach(async () => {
		for (const release of releases.splice(0)) release();
		await Promise.all(opened.splice(0).map((one) => one.close()));
	});

	afterAll(async () => {
		await bed.mode.close();
		await bed.other.close();
		bed.redis.disconnect();
		await bed.server.stop();
	});

	return bed;
}
