import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import type Bull from 'bull';
import fc from 'fast-check';
import type { Redis } from 'ioredis';

import type { QueuedJob } from '../../../core/ports/stack';
import { jobData, jobOptions, openBull, type OpenBull } from '../../support/bull';
import { localAddress, standalone } from '../../support/open-store';
import { openQueueMode, type OpenQueueMode } from '../../support/queue-mode';
import { adminClient, startRedis, type RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';

let server: RedisServer;
let redis: Redis;
let mode: OpenQueueMode;
let other: OpenQueueMode;
let bull: Bull.Queue;
const opened: OpenBull[] = [];
const releases: Array<() => void> = [];

beforeAll(async () => {
	server = await startRedis();
	redis = adminClient(server.port, {});
	mode = openQueueMode(standalone(server.port), { pools: ['gpu'] });
	other = openQueueMode(standalone(server.port));
});

beforeEach(async () => {
	await redis.flushall();
	bull = open();
});

afterEach(async () => {
	for (const release of releases.splice(0)) release();
	await Promise.all(opened.splice(0).map((one) => one.close()));
});

afterAll(async () => {
	await mode.close();
	await other.close();
	redis.disconnect();
	await server.stop();
});

function open(settings?: Parameters<typeof openBull>[1]): Bull.Queue {
	const one = openBull([localAddress(server.port)], settings);
	opened.push(one);
	return one.queue;
}

/** Bull's types leave out that the time can be given. */
type Options = Bull.JobOptions & { timestamp?: number };

const add = async (executionId: string, options: Options = {}, queue = bull) =>
	await queue.add('job', jobData(executionId), { ...jobOptions, ...options });

/** Takes a job as a worker does, and holds it; does not wait for one. */
async function take(queue = bull, prefix = 'bull'): Promise<Bull.Job | null> {
	const isThere = (await redis.llen(`${prefix}:jobs:wait`)) > 0;
	return isThere ? ((await queue.getNextJob()) ?? null) : null;
}

const request = (executionId: string, attempt = 1, pool = '') => ({
	...{ executionId, workflowId: 'workflow', attempt, pool },
});

/** Takes jobs like a worker of n8n, until `release` is called. */
function work(queue: Bull.Queue, concurrency: number) {
	const ended: unknown[] = [];
	let release = (): void => undefined;
	const released = new Promise<void>((resolve) => (release = resolve));
	releases.push(release);
	void queue.process('job', concurrency, async (job) => {
		await released;
		ended.push(job.data.executionId);
	});
	return { ended, release };
}

describe('counts', () => {
	it('are those of Bull, with those that are kept, paused and delayed', async () => {
		for (const id of ['1', '2', '3', '4', '5']) await add(id);
		await add('6', { delay: 3_600_000 });
		await add('7', { removeOnComplete: false, priority: 1 });
		await add('8', { removeOnFail: false, priority: 1 });
		await take().then((job) => job?.moveToCompleted('', false, true));
		await take().then((job) => job?.moveToFailed({ message: 'no' }));
		await take();
		const { waiting, active, delayed, failed, completed } = await bull.getJobCounts();
		const [counts] = await mode.queue.counts();
		expect(counts).toMatchObject({ waiting, active, delayed, failed, completed });
		expect(counts).toMatchObject({ waiting: 4, active: 1, delayed: 1, failed: 1, completed: 1 });
		expect(counts).toMatchObject({ pool: '', added: 8, isPaused: false });

		await bull.pause();
		const [paused] = await mode.queue.counts();
		expect(paused).toMatchObject({ waiting: 4, isPaused: true });
		expect(paused!.oldestWaitingAt).toBe(counts!.oldestWaitingAt);
	});

	it('name the time of the oldest, also of one that others go before', async () => {
		expect(await mode.queue.counts()).toMatchObject([
			{ pool: '', waiting: 0, oldestWaitingAt: undefined },
			{ pool: 'gpu', waiting: 0, oldestWaitingAt: undefined },
		]);
		await add('1', { timestamp: 1_000 });
		await add('2', { timestamp: 2_000, priority: 50 });
		await add('3', { timestamp: 3_000, priority: 50 });
		await add('4', { timestamp: 4_000 }, open({ name: 'jobs-gpu' }));
		expect(await mode.queue.counts()).toMatchObject([
			{ pool: '', waiting: 3, oldestWaitingAt: 1_000 },
			{ pool: 'gpu', waiting: 1, oldestWaitingAt: 4_000 },
		]);
		await bull.getJob('1').then((job) => job?.remove());
		expect(await mode.queue.counts()).toMatchObject([{ oldestWaitingAt: 2_000 }, {}]);
	});
});

describe('jobs', () => {
	it('say what they are about, who holds them and for how long', async () => {
		await add('1', { timestamp: 1_000 });
		await add('2', { timestamp: 2_000, priority: 50 });
		await add('3', { timestamp: 3_000, delay: Date.now() });
		await add('4', { timestamp: 4_000 }, open({ name: 'jobs-gpu' }));
		const worker = work(bull, 1);
		await until(async () => (await bull.getActiveCount()) === 1);
		await until(async () => (await mode.queue.jobs(['active'], 1)).jobs[0]?.lock !== undefined);
		const { jobs, isWhole } = await mode.queue.jobs(['waiting', 'active', 'delayed'], 10);
		const lock = { owner: await redis.get('bull:jobs:2:lock'), remainingMs: expect.any(Number) };
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
		expect(remainingMs).toBeGreaterThan(mode.queue.lockDurationMs / 2);
		expect(remainingMs).toBeLessThanOrEqual(mode.queue.lockDurationMs);
		worker.release();
	});

	it('are shown unheld where the lock is gone, and not at all when they have ended', async () => {
		await add('1');
		await take();
		await redis.del('bull:jobs:1:lock');
		const [lost] = (await mode.queue.jobs(['active'], 10)).jobs;
		expect(lost).toMatchObject({ executionId: '1', state: 'active' });
		expect(lost!.lock).toBeUndefined();
		await bull.getJob('1').then((job) => job?.moveToCompleted('', true, true));
		expect(await mode.queue.jobs(['active'], 10)).toEqual({ jobs: [], isWhole: true });
	});

	it('come first that go first, and it is said that there are more', async () => {
		for (const id of ['1', '2', '3']) await add(id, { timestamp: Number(id) });
		const { jobs, isWhole } = await mode.queue.jobs(['waiting'], 2);
		expect(jobs.map(({ executionId }) => executionId)).toEqual(['1', '2']);
		expect(isWhole).toBe(false);
		expect((await mode.queue.jobs(['waiting'], 3)).isWhole).toBe(true);
	});

	it('that are not those of n8n are left out', async () => {
		await bull.add('job', 'text');
		await redis.hset('bull:jobs:9', { data: '{', timestamp: 1 });
		await redis.lpush('bull:jobs:wait', '9', '10');
		expect((await mode.queue.jobs(['waiting'], 10)).jobs).toEqual([]);
	});

	it('are read anew where Redis has lost them and gives their ids to others', async () => {
		const seen = async () =>
			(await mode.queue.jobs(['waiting'], 10)).jobs.map(({ executionId }) => executionId);
		for (const id of ['1', '2', '3']) await add(id);
		expect(await seen()).toEqual(['1', '2', '3']);
		await bull.getJob('3').then((job) => job?.remove());
		await redis.decr('bull:jobs:id');
		for (const id of ['4', '5']) await add(id);
		expect(await seen()).toEqual(['1', '2', '4', '5']);
		await redis.flushall();
		for (const id of ['6', '7', '8', '9', '10']) await add(id);
		expect(await seen()).toEqual(['6', '7', '8', '9', '10']);
	});

	it('are found by execution, the one that came furthest first', async () => {
		for (const id of ['1', '2', '1', '3']) await add(id);
		await add('4', {}, open({ name: 'jobs-gpu' }));
		await take();
		const { jobs, isWhole } = await mode.queue.jobsFor(['1', '3', '4', '5']);
		expect(isWhole).toBe(true);
		expect([...jobs].map(([id, job]) => [id, job.id, job.state, job.pool])).toEqual([
			['1', '1', 'active', ''],
			['3', '4', 'waiting', ''],
			['4', '1', 'waiting', 'gpu'],
		]);
	});
});

describe('enqueue', () => {
	it('leaves what Bull leaves, wherever the job goes', async () => {
		const step = fc.oneof(
			fc.record({ do: fc.constant('add' as const), priority: fc.constantFrom(50, 100, 200) }),
			fc.record({ do: fc.constantFrom('enqueue', 'take', 'pause', 'resume') }),
		);
		const [ours, theirs] = [open({ prefix: 'ours' }), open({ prefix: 'theirs' })];
		const oursMode = openQueueMode(standalone(server.port), { prefix: 'ours', keepLastFailed: 7 });
		const play = async (steps: Array<{ do: string; priority?: number }>) => {
			await redis.flushall();
			for (const [index, { do: what, priority }] of steps.entries()) {
				const id = `${index}`;
				for (const queue of [ours, theirs]) {
					if (what === 'pause') await queue.pause();
					if (what === 'resume') await queue.resume();
					if (what === 'take') await take(queue, queue === ours ? 'ours' : 'theirs');
					if (what === 'add') await add(id, { priority, jobId: id }, queue);
				}
				if (what !== 'enqueue') continue;
				const { jobId } = await oursMode.queue.enqueue(request(id));
				const data = {
					workflowId: 'workflow',
					executionId: id,
					loadStaticData: true,
					poolName: '',
				};
				await theirs.add('job', data, { ...jobOptions, removeOnFail: 7, jobId });
			}
			assert.deepEqual(await contents('ours'), await contents('theirs'));
		};
		await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), play), { numRuns: 60 });
		await oursMode.close();
	});

	/** All keys of a queue but marks of ours, without the times. */
	async function contents(prefix: string): Promise<Record<string, unknown>> {
		const keys = (await redis.keys(`${prefix}:*`)).filter((key) => !key.includes(':bulwark:'));
		const entries = keys.map(async (key) => [key.slice(prefix.length), await valueOf(key)]);
		return Object.fromEntries(await Promise.all(entries));
	}

	async function valueOf(key: string): Promise<unknown> {
		switch (await redis.type(key)) {
			case 'list':
				return await redis.lrange(key, 0, -1);
			case 'zset':
				return await redis.zrange(key, 0, '-1', 'WITHSCORES');
			case 'hash': {
				const { timestamp, processedOn, opts, ...fields } = await redis.hgetall(key);
				const { timestamp: same, ...options } = JSON.parse(opts ?? '{}') as Record<string, unknown>;
				assert.equal(Number(timestamp), Number(same));
				return { ...fields, options, isTaken: processedOn !== undefined };
			}
			default:
				return key.endsWith(':lock') ? 'a lock' : await redis.get(key);
		}
	}

	it('adds once what two ask for at the same time, also when it has ended meanwhile', async () => {
		const call = fc.record({
			...{ executionId: fc.nat({ max: 3 }).map(String), attempt: fc.integer({ min: 1, max: 2 }) },
			isFirst: fc.boolean(),
		});
		const play = async (
			rounds: Array<Array<{ executionId: string; attempt: number; isFirst: boolean }>>,
		) => {
			await redis.flushall();
			const added = new Set<string>();
			for (const calls of rounds) {
				const answers = await Promise.all(
					calls.map(({ executionId, attempt, isFirst }) =>
						(isFirst ? mode : other).queue.enqueue(request(executionId, attempt)),
					),
				);
				for (const { jobId, isNew } of answers) {
					assert.ok(!isNew || !added.has(jobId));
					if (isNew) added.add(jobId);
				}
				for (const { jobId } of answers) assert.ok(added.has(jobId));
				// Some are run and leave nothing.
				await take().then((job) => job?.moveToCompleted('', false, true));
			}
			assert.equal(Number(await redis.get('bull:jobs:id')), added.size);
		};
		const rounds = fc.array(fc.array(call, { maxLength: 6 }), { maxLength: 6 });
		await fc.assert(fc.asyncProperty(rounds, play), { numRuns: 60 });
	});

	it('is run by a worker of that pool once, and not again by asking again', async () => {
		const gpu = open({ name: 'jobs-gpu' });
		const worker = work(gpu, 2);
		worker.release();
		const added = await mode.queue.enqueue(request('7', 1, 'gpu'));
		expect(added).toEqual({ jobId: 'bulwark-7-1', isNew: true });
		await until(() => worker.ended.length === 1);
		expect(await mode.queue.enqueue(request('7', 1, 'gpu'))).toEqual({ ...added, isNew: false });
		expect((await mode.queue.enqueue(request('7', 2, 'gpu'))).isNew).toBe(true);
		await until(() => worker.ended.length === 2);
		expect(worker.ended).toEqual(['7', '7']);
		const left = await redis.keys('bull:jobs-gpu:bulwark*');
		expect(left.sort()).toEqual(['bull:jobs-gpu:bulwark:7:1', 'bull:jobs-gpu:bulwark:7:2']);
		for (const key of left) expect(await redis.pttl(key)).toBeGreaterThan(0);
	});
});

describe('removeUnheld', () => {
	const places: Array<[string, () => Promise<unknown>]> = [
		['waiting', () => add('1')],
		['waiting in a paused queue', () => bull.pause().then(() => add('1'))],
		['delayed', () => add('1', { delay: 3_600_000 })],
		[
			'active without a lock',
			() =>
				add('1')
					.then(() => take())
					.then(() => redis.del('bull:jobs:1:lock')),
		],
	];

	it.each(places)('takes away what is %s', async (_, put) => {
		await put();
		const job = { id: '1', pool: '' };
		expect(await mode.queue.removeUnheld(job)).toBe('removed');
		expect(await redis.keys('bull:jobs:1*')).toEqual([]);
		expect(await bull.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
		expect(await redis.exists('bull:jobs:priority')).toBe(0);
		expect(await mode.queue.removeUnheld(job)).toBe('gone');
	});

	it('takes away what a dead worker has locked, unless the lock was renewed since', async () => {
		await add('1');
		await take();
		const { jobs } = await mode.queue.jobs(['active'], 10);
		const { lock } = jobs[0]!;
		await redis.pexpire('bull:jobs:1:lock', lock!.remainingMs + 5_000);
		const job = { id: '1', pool: '', deadLock: lock };
		expect(await mode.queue.removeUnheld(job)).toBe('held');
		await redis.pexpire('bull:jobs:1:lock', lock!.remainingMs - 1_000);
		expect(
			await mode.queue.removeUnheld({ ...job, deadLock: { ...lock!, owner: 'another' } }),
		).toBe('held');
		expect(await mode.queue.removeUnheld(job)).toBe('removed');
		expect(await redis.keys('bull:jobs:1*')).toEqual([]);
	});

	it('leaves what somebody holds, and what has ended', async () => {
		await add('1', { removeOnComplete: false });
		const job = await take();
		expect(await mode.queue.removeUnheld({ id: '1', pool: '' })).toBe('held');
		expect(await job!.isActive()).toBe(true);
		await job!.moveToCompleted('', false, true);
		expect(await mode.queue.removeUnheld({ id: '1', pool: '' })).toBe('gone');
		expect(await bull.getCompletedCount()).toBe(1);
	});
});

describe('a queue of 100,000', () => {
	/** How often Redis has been asked, by what it says itself. */
	async function commandsOf(look: () => Promise<unknown>): Promise<number> {
		await redis.config('RESETSTAT');
		await look();
		const stats = await redis.info('commandstats');
		const own = /^cmdstat_(config|info)/;
		return stats
			.split('\r\n')
			.filter((line) => line.startsWith('cmdstat_') && !own.test(line))
			.reduce((sum, line) => sum + Number(/calls=(\d+)/.exec(line)![1]), 0);
	}

	it('is read once, and after that in as few commands as an empty one', async () => {
		const view = openQueueMode(standalone(server.port));
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
		await bull.getJob('late').then((job) => job?.remove());
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
		await redis.eval(script, 0, count);
	}
});

describe('Redis', () => {
	it('is asked again where the connection was lost meanwhile', async () => {
		await add('1');
		await mode.queue.counts();
		await redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
		expect(await mode.queue.counts()).toMatchObject([{ waiting: 1 }, { waiting: 0 }]);
	});

	it('that hangs is said to, and its queue is seen again when it goes on', async () => {
		await mode.queue.counts();
		server.process.kill('SIGSTOP');
		try {
			await expect(mode.queue.counts()).rejects.toMatchObject({
				...{ code: 'SOURCE_UNAVAILABLE', source: 'queue' },
				message: expect.stringMatching(/did not answer/) as string,
			});
		} finally {
			server.process.kill('SIGCONT');
		}
		const seen = async (): Promise<readonly QueuedJob[] | undefined> =>
			await mode.queue.jobs(['waiting'], 1).then(
				({ jobs }) => jobs,
				() => undefined,
			);
		while (!(await seen())) await sleep(50);
	});
});
