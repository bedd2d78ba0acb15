import { setTimeout as sleep } from 'node:timers/promises';

import type { QueuedJob } from '../../../core/ports/stack';
import { standalone } from '../../support/open-store';
import { openQueueMode } from '../../support/queue-mode';
import { until } from '../../support/until';
import { useBullQueue } from '../../support/use-bull-queue';

const bed = useBullQueue();
const { add, open, take, work } = bed;

describe('counts', () => {
	it('are those of Bull, with those that are kept, paused and delayed', async () => {
		for (const id of ['1', '2', '3', '4', '5']) await add(id);
		await add('6', { delay: 3_600_000 });
		await add('7', { removeOnComplete: false, priority: 1 });
		await add('8', { removeOnFail: false, priority: 1 });
		await take().then((job) => job?.moveToCompleted('', false, true));
		await take().then((job) => job?.moveToFailed({ message: 'no' }));
		await take();
		const { waiting, active, delayed, failed, completed } = await bed.bull.getJobCounts();
		const [counts] = await bed.mode.queue.counts();
		expect(counts).toMatchObject({ waiting, active, delayed, failed, completed });
		expect(counts).toMatchObject({ waiting: 4, active: 1, delayed: 1, failed: 1, completed: 1 });
		expect(counts).toMatchObject({ pool: '', added: 8, isPaused: false });

		await bed.bull.pause();
		const [paused] = await bed.mode.queue.counts();
		expect(paused).toMatchObject({ waiting: 4, isPaused: true });
		expect(paused!.oldestWaitingAt).toBe(counts!.oldestWaitingAt);
	});

	it('name the time of the oldest, also of one that others go before', async () => {
		expect(await bed.mode.queue.counts()).toMatchObject([
			{ pool: '', waiting: 0, oldestWaitingAt: undefined },
			{ pool: 'gpu', waiting: 0, oldestWaitingAt: undefined },
		]);
		await add('1', { timestamp: 1_000 });
		await add('2', { timestamp: 2_000, priority: 50 });
		await add('3', { timestamp: 3_000, priority: 50 });
		await add('4', { timestamp: 4_000 }, open({ name: 'jobs-gpu' }));
		expect(await bed.mode.queue.counts()).toMatchObject([
			{ pool: '', waiting: 3, oldestWaitingAt: 1_000 },
			{ pool: 'gpu', waiting: 1, oldestWaitingAt: 4_000 },
		]);
		await bed.bull.getJob('1').then((job) => job?.remove());
		expect(await bed.mode.queue.counts()).toMatchObject([{ oldestWaitingAt: 2_000 }, {}]);
	});
});

describe('jobs', () => {
	it('say what they are about, who holds them and for how long', async () => {
		await add('1', { timestamp: 1_000 });
		await add('2', { timestamp: 2_000, priority: 50 });
		await add('3', { timestamp: 3_000, delay: Date.now() });
		await add('4', { timestamp: 4_000 }, open({ name: 'jobs-gpu' }));
		const worker = work(bed.bull, 1);
		await until(async () => (await bed.bull.getActiveCount()) === 1);
		await until(async () => (await bed.mode.queue.jobs(['active'], 1)).jobs[0]?.lock !== undefined);
		const { jobs, isWhole } = await bed.mode.queue.jobs(['waiting', 'active', 'delayed'], 10);
		const lock = {
			owner: await bed.redis.get('bull:jobs:2:lock'),
			remainingMs: expect.any(Number),
		};
		const same = { workflowId: 'workflow', pool: '', priority: 100 };
		expect(jobs).toEqual([
			{ ...same, id: '1', state: 'waiting', executionId: '1', addedAt: 1_000 },
			{
				...{ ...same, id: '2', state: 'active', executionId: '2', addedAt: 2_000 },
				...{ priority: 50, takenAt: expect.any(Number), lock },
			},
			{ ...same, id: '3', state: 'delayed', executionId: '3', addedAt: 3_000 },
			{ ...same, id: '1', pool: 'gpu', state: 'waiting', executionId: '4', addedAt: 4_000 },
		]);
		expect(isWhole).toBe(true);
		const { remainingMs } = jobs[1]!.lock!;
		expect(remainingMs).toBeGreaterThan(bed.mode.queue.lockDurationMs / 2);
		expect(remainingMs).toBeLessThanOrEqual(bed.mode.queue.lockDurationMs);
		worker.release();
	});

	it('are shown unheld where the lock is gone, and not at all when they have ended', async () => {
		await add('1');
		await take();
		await bed.redis.del('bull:jobs:1:lock');
		const [lost] = (await bed.mode.queue.jobs(['active'], 10)).jobs;
		expect(lost).toMatchObject({ executionId: '1', state: 'active' });
		expect(lost!.lock).toBeUndefined();
		await bed.bull.getJob('1').then((job) => job?.moveToCompleted('', true, true));
		expect(await bed.mode.queue.jobs(['active'], 10)).toEqual({ jobs: [], isWhole: true });
	});

	it('come first that go first, and it is said that there are more', async () => {
		for (const id of ['1', '2', '3']) await add(id, { timestamp: Number(id) });
		const { jobs, isWhole } = await bed.mode.queue.jobs(['waiting'], 2);
		expect(jobs.map(({ executionId }) => executionId)).toEqual(['1', '2']);
		expect(isWhole).toBe(false);
		expect((await bed.mode.queue.jobs(['waiting'], 3)).isWhole).toBe(true);
	});

	it('that are not those of n8n are left out', async () => {
		await bed.bull.add('job', 'text');
		await bed.redis.hset('bull:jobs:9', { data: '{', timestamp: 1 });
		await bed.redis.lpush('bull:jobs:wait', '9', '10');
		expect((await bed.mode.queue.jobs(['waiting'], 10)).jobs).toEqual([]);
	});

	it('whose times no clock shows are there without them', async () => {
		for (const [index, time] of ['soon', '99999999999999999', ''].entries()) {
			await add(`${index + 1}`);
			await bed.redis.hset(`bull:jobs:${index + 1}`, { timestamp: time, processedOn: time });
		}
		const { jobs } = await bed.mode.queue.jobs(['waiting'], 10);
		expect(jobs.map(({ executionId, addedAt }) => [executionId, addedAt])).toEqual([
			...[['1', 0]],
			...[['2', 0]],
			...[['3', 0]],
		]);
		expect(await bed.mode.queue.counts()).toMatchObject([
			{ waiting: 3, oldestWaitingAt: undefined },
			{},
		]);
		await take();
		await bed.redis.hset('bull:jobs:1', { processedOn: '99999999999999999' });
		const [active] = (await bed.mode.queue.jobs(['active'], 10)).jobs;
		expect(active).toMatchObject({ executionId: '1' });
		expect(active!.takenAt).toBeUndefined();
	});

	it('are read anew where Redis has lost them and gives their ids to others', async () => {
		const seen = async () =>
			(await bed.mode.queue.jobs(['waiting'], 10)).jobs.map(({ executionId }) => executionId);
		for (const id of ['1', '2', '3']) await add(id);
		expect(await seen()).toEqual(['1', '2', '3']);
		await bed.bull.getJob('3').then((job) => job?.remove());
		await bed.redis.decr('bull:jobs:id');
		for (const id of ['4', '5']) await add(id);
		expect(await seen()).toEqual(['1', '2', '4', '5']);
		await bed.redis.flushall();
		for (const id of ['6', '7', '8', '9', '10']) await add(id);
		expect(await seen()).toEqual(['6', '7', '8', '9', '10']);
	});

	it('are as old as they are where one was brought back by another process under the id that it had', async () => {
		const ages = async () =>
			(await bed.mode.queue.jobs(['waiting'], 10)).jobs.map(({ id, addedAt }) => [id, addedAt]);
		for (const id of ['1', '2', '3']) await add(id, { timestamp: Number(id) });
		expect(await ages()).toEqual([
			['1', 1],
			['2', 2],
			['3', 3],
		]);
		const dead = { id: '2', pool: '' };
		expect(await bed.other.queue.removeUnheld(dead)).toBe('removed');
		const request = { ...{ executionId: '2', workflowId: 'workflow' }, attempt: 1, pool: '' };
		const since = Date.now();
		await bed.other.queue.enqueue({ ...request, jobId: dead.id });
		const [, , [id, addedAt] = []] = await ages();
		expect(id).toBe('2');
		expect(addedAt).toBeGreaterThanOrEqual(since);
	});

	it('are found by execution, the one that came furthest first', async () => {
		for (const id of ['1', '2', '1', '3']) await add(id);
		await add('4', {}, open({ name: 'jobs-gpu' }));
		await take();
		const { jobs, isWhole } = await bed.mode.queue.jobsFor(['1', '3', '4', '5']);
		expect(isWhole).toBe(true);
		expect([...jobs].map(([id, job]) => [id, job.id, job.state, job.pool])).toEqual([
			['1', '1', 'active', ''],
			['3', '4', 'waiting', ''],
			['4', '1', 'waiting', 'gpu'],
		]);
	});

	it('are found in a pool of which no worker was ever seen', async () => {
		const view = openQueueMode(standalone(bed.server.port));
		await add('4', {}, open({ name: 'jobs-gpu' }));
		await add('5', {}, open({ name: 'jobs-two-words' }));
		await add('6', {}, open({ name: 'jobs-gpu', prefix: 'bull:other' }));
		const { jobs, isWhole } = await view.queue.jobsFor(['4', '5', '6']);
		expect(isWhole).toBe(true);
		const poolOf = Object.fromEntries([...jobs].map(([id, { pool }]) => [id, pool]));
		expect(poolOf).toEqual({ 4: 'gpu', 5: 'two-words' });
		expect((await view.queue.counts()).map(({ pool }) => pool).sort()).toEqual([
			...['', 'gpu', 'two-words'],
		]);
		await view.close();
	});
});

describe('a queue of 100,000', () => {
	/** How often Redis has been asked, by what it says itself. */
	async function commandsOf(look: () => Promise<unknown>): Promise<number> {
		await bed.redis.config('RESETSTAT');
		await look();
		const stats = await bed.redis.info('commandstats');
		const own = /^cmdstat_(config|info)/;
		return stats
			.split('\r\n')
			.filter((line) => line.startsWith('cmdstat_') && !own.test(line))
			.reduce((sum, line) => sum + Number(/calls=(\d+)/.exec(line)![1]), 0);
	}

	it('is read once, and after that in as few commands as an empty one', async () => {
		const view = openQueueMode(standalone(bed.server.port));
		await view.queue.counts();
		const idle = await commandsOf(() => view.queue.counts());
		await fill(100_000);
		const [first] = await Promise.all([add('late', { jobId: 'late' })]);
		expect(first.id).toBe('late');
		const few: Array<() => Promise<unknown>> = [
			() => view.queue.counts(),
			() => view.queue.jobs(['waiting', 'active', 'delayed'], 10),
		];
		for (const look of few) expect(await commandsOf(look)).toBeLessThan(idle + 20);

		const whole = await view.queue.jobsFor(['execution-1', 'execution-100000', 'late', 'none']);
		expect([...whole.jobs.keys()].sort()).toEqual(['execution-1', 'execution-100000']);
		// One more is there than is looked at, and it goes last.
		expect(whole.isWhole).toBe(false);
		await bed.bull.getJob('late').then((job) => job?.remove());
		const again = async () => {
			const { jobs, isWhole } = await view.queue.jobsFor(['execution-7', 'none']);
			expect([...jobs.keys(), isWhole]).toEqual(['execution-7', true]);
		};
		expect(await commandsOf(again)).toBeLessThan(idle + 20);
		await view.close();
	});

	/** Jobs as Bull keeps them, all of one priority. */
	async function fill(count: number): Promise<void> {
		const script = `for i = 1, ARGV[1] do
			local data = '{"workflowId":"w","executionId":"execution-' .. i .. '","loadStaticData":false}'
			redis.call('HSET', 'bull:jobs:' .. i, 'name', 'job', 'data', data, 'timestamp', i, 'priority', 100)
			redis.call('LPUSH', 'bull:jobs:wait', i)
			redis.call('ZADD', 'bull:jobs:priority', 100, i)
		end`;
		await bed.redis.eval(script, 0, count);
	}
});

describe('Redis', () => {
	it('is asked again where the connection was lost meanwhile', async () => {
		await add('1');
		await bed.mode.queue.counts();
		await bed.redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
		expect(await bed.mode.queue.counts()).toMatchObject([{ waiting: 1 }, { waiting: 0 }]);
	});

	it('that hangs is said to, and its queue is seen again when it goes on', async () => {
		await bed.mode.queue.counts();
		bed.server.process.kill('SIGSTOP');
		try {
			await expect(bed.mode.queue.counts()).rejects.toMatchObject({
				...{ code: 'SOURCE_UNAVAILABLE', source: 'queue' },
				message: expect.stringMatching(/did not answer/) as string,
			});
		} finally {
			bed.server.process.kill('SIGCONT');
		}
		const seen = async (): Promise<readonly QueuedJob[] | undefined> =>
			await bed.mode.queue.jobs(['waiting'], 1).then(
				({ jobs }) => jobs,
				() => undefined,
			);
		while (!(await seen())) await sleep(50);
	});
});
