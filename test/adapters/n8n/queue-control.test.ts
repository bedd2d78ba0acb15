import assert from 'node:assert/strict';

import fc from 'fast-check';

import { jobOptions } from '../../support/bull';
import { standalone } from '../../support/open-store';
import { openQueueMode } from '../../support/queue-mode';
import { until } from '../../support/until';
import { useBullQueue } from '../../support/use-bull-queue';

const bed = useBullQueue();
const { add, open, take, work } = bed;

const request = (executionId: string, attempt = 1, pool = '') => ({
	...{ executionId, workflowId: 'workflow', attempt, pool },
});

describe('enqueue', () => {
	it('leaves what Bull leaves, wherever the job goes', async () => {
		const step = fc.oneof(
			fc.record({ do: fc.constant('add' as const), priority: fc.constantFrom(50, 100, 200) }),
			fc.record({ do: fc.constantFrom('enqueue', 'take', 'pause', 'resume') }),
		);
		const [ours, theirs] = [open({ prefix: 'ours' }), open({ prefix: 'theirs' })];
		const oursMode = openQueueMode(standalone(bed.server.port), {
			prefix: 'ours',
			keepLastFailed: 7,
		});
		const play = async (steps: Array<{ do: string; priority?: number }>) => {
			await bed.redis.flushall();
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
		const keys = (await bed.redis.keys(`${prefix}:*`)).filter((key) => !key.includes(':bulwark:'));
		const entries = keys.map(async (key) => [key.slice(prefix.length), await valueOf(key)]);
		return Object.fromEntries(await Promise.all(entries));
	}

	async function valueOf(key: string): Promise<unknown> {
		switch (await bed.redis.type(key)) {
			case 'list':
				return await bed.redis.lrange(key, 0, -1);
			case 'zset':
				return await bed.redis.zrange(key, 0, '-1', 'WITHSCORES');
			case 'hash': {
				const { timestamp, processedOn, opts, ...fields } = await bed.redis.hgetall(key);
				const { timestamp: same, ...options } = JSON.parse(opts ?? '{}') as Record<string, unknown>;
				assert.equal(Number(timestamp), Number(same));
				return { ...fields, options, isTaken: processedOn !== undefined };
			}
			default:
				return key.endsWith(':lock') ? 'a lock' : await bed.redis.get(key);
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
			await bed.redis.flushall();
			const added = new Set<string>();
			for (const calls of rounds) {
				const answers = await Promise.all(
					calls.map(({ executionId, attempt, isFirst }) =>
						(isFirst ? bed.mode : bed.other).queue.enqueue(request(executionId, attempt)),
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
			assert.equal(Number(await bed.redis.get('bull:jobs:id')), added.size);
		};
		const rounds = fc.array(fc.array(call, { maxLength: 6 }), { maxLength: 6 });
		await fc.assert(fc.asyncProperty(rounds, play), { numRuns: 60 });
	});

	it('gives its result to whoever waits for the job that was taken away', async () => {
		const job = await add('7');
		const finished = job.finished();
		expect(await bed.mode.queue.removeUnheld({ id: `${job.id}`, pool: '' })).toBe('removed');
		const again = { ...request('7'), jobId: `${job.id}` };
		expect(await bed.mode.queue.wasEnqueued(again)).toBe(false);
		expect(await bed.mode.queue.enqueue(again)).toEqual({ jobId: `${job.id}`, isNew: true });
		expect(await bed.mode.queue.wasEnqueued(again)).toBe(true);
		const worker = work(bed.bull, 1);
		worker.release();
		await finished;
		expect(worker.ended).toEqual(['7']);
	});

	it("takes no other job's place, but an id of its own", async () => {
		const job = await add('8');
		const taken = { ...request('7'), jobId: `${job.id}` };
		const added = { jobId: 'bulwark-7-1', isNew: true };
		expect(await bed.mode.queue.enqueue(taken)).toEqual(added);
		expect(await bed.mode.queue.wasEnqueued(taken)).toBe(true);
		expect(await bed.mode.queue.enqueue(taken)).toMatchObject({ isNew: false });
		const { jobs } = await bed.mode.queue.jobsFor(['7', '8']);
		expect([jobs.get('7')?.id, jobs.get('8')?.id]).toEqual(['bulwark-7-1', `${job.id}`]);
	});

	it('is run by a worker of that pool once, and not again by asking again', async () => {
		const gpu = open({ name: 'jobs-gpu' });
		const worker = work(gpu, 2);
		worker.release();
		const added = await bed.mode.queue.enqueue(request('7', 1, 'gpu'));
		expect(added).toEqual({ jobId: 'bulwark-7-1', isNew: true });
		await until(() => worker.ended.length === 1);
		expect(await bed.mode.queue.enqueue(request('7', 1, 'gpu'))).toEqual({
			...added,
			isNew: false,
		});
		expect((await bed.mode.queue.enqueue(request('7', 2, 'gpu'))).isNew).toBe(true);
		await until(() => worker.ended.length === 2);
		expect(worker.ended).toEqual(['7', '7']);
		const left = await bed.redis.keys('bull:jobs-gpu:bulwark*');
		expect(left.sort()).toEqual(['bull:jobs-gpu:bulwark:7:1', 'bull:jobs-gpu:bulwark:7:2']);
		for (const key of left) expect(await bed.redis.pttl(key)).toBeGreaterThan(0);
	});
});

it('finds jobs of a pool of which nobody was told, by the registry', async () => {
	const gpu = open({ name: 'jobs-gpu' });
	await bed.add('7', {}, gpu);
	const worker = {
		...{ instanceKey: 'w', hostId: 'worker-1', instanceType: 'worker', version: '2.41.1' },
		...{ poolName: 'gpu', registeredAt: 1, lastSeen: 1 },
	};
	await bed.redis.set('n8n:{instance:}w', JSON.stringify(worker));
	await bed.redis.sadd('n8n:{instance:}members', 'n8n:{instance:}w');
	const untold = openQueueMode(standalone(bed.server.port));
	const { jobs } = await untold.queue.jobsFor(['7']);
	expect(jobs.get('7')).toMatchObject({ pool: 'gpu', state: 'waiting' });
	await untold.close();
});

describe('removeUnheld', () => {
	const places: Array<[string, () => Promise<unknown>]> = [
		['waiting', () => add('1')],
		['waiting in a paused queue', () => bed.bull.pause().then(() => add('1'))],
		['delayed', () => add('1', { delay: 3_600_000 })],
		[
			'active without a lock',
			() =>
				add('1')
					.then(() => take())
					.then(() => bed.redis.del('bull:jobs:1:lock')),
		],
	];

	it.each(places)('takes away what is %s', async (_, put) => {
		await put();
		const job = { id: '1', pool: '' };
		expect(await bed.mode.queue.removeUnheld(job)).toBe('removed');
		expect(await bed.redis.keys('bull:jobs:1*')).toEqual([]);
		expect(await bed.bull.getJobCounts()).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
		expect(await bed.redis.exists('bull:jobs:priority')).toBe(0);
		expect(await bed.mode.queue.removeUnheld(job)).toBe('gone');
	});

	it('takes away what a dead worker has locked, unless the lock was renewed since', async () => {
		await add('1');
		await take();
		const { jobs } = await bed.mode.queue.jobs(['active'], 10);
		const { lock } = jobs[0]!;
		await bed.redis.pexpire('bull:jobs:1:lock', lock!.remainingMs + 5_000);
		const job = { id: '1', pool: '', deadLock: lock };
		expect(await bed.mode.queue.removeUnheld(job)).toBe('held');
		await bed.redis.pexpire('bull:jobs:1:lock', lock!.remainingMs - 1_000);
		expect(
			await bed.mode.queue.removeUnheld({ ...job, deadLock: { ...lock!, owner: 'another' } }),
		).toBe('held');
		expect(await bed.mode.queue.removeUnheld(job)).toBe('removed');
		expect(await bed.redis.keys('bull:jobs:1*')).toEqual([]);
	});

	it('leaves what somebody holds, and what has ended', async () => {
		await add('1', { removeOnComplete: false });
		const job = await take();
		expect(await bed.mode.queue.removeUnheld({ id: '1', pool: '' })).toBe('held');
		expect(await job!.isActive()).toBe(true);
		await job!.moveToCompleted('', false, true);
		expect(await bed.mode.queue.removeUnheld({ id: '1', pool: '' })).toBe('gone');
		expect(await bed.bull.getCompletedCount()).toBe(1);
	});
});
