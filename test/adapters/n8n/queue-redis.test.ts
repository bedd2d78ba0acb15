import type { Redis } from 'ioredis';

import type { SourceUnavailableError } from '../../../core/stack';
import { documentedMcpRights } from '../../support/documented-rights';
import { standalone } from '../../support/open-store';
import { plantedSecret } from '../../support/planted-secrets';
import { openQueueMode, type OpenQueueMode } from '../../support/queue-mode';
import { adminClient, startRedis, type RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';

const RESPONSES = 'n8n:n8n.worker-response';
const PASSWORD = plantedSecret('queue-redis');

let server: RedisServer;
let redis: Redis;
let mode: OpenQueueMode;
const ends: Array<() => unknown> = [];

beforeAll(async () => {
	server = await startRedis();
	redis = adminClient(server.port, {});
	mode = openQueueMode(standalone(server.port));
});

afterEach(async () => {
	for (const end of ends.splice(0)) await end();
	await redis.flushall();
});

afterAll(async () => {
	await mode.close();
	redis.disconnect();
	await server.stop();
});

/** A connection of some program. */
function connect(name = ''): Redis {
	const client = adminClient(server.port, {});
	ends.push(() => client.disconnect());
	if (name !== '') void client.client('SETNAME', name);
	return client;
}

describe('the server', () => {
	it('says how it is set and how it does', async () => {
		await redis.config('SET', 'maxmemory', '100mb');
		await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
		await redis.set('one', 'change');
		expect(await mode.redis.info()).toEqual([
			expect.objectContaining({
				...{ server: `127.0.0.1:${server.port}`, role: 'master', isLoading: false },
				...{ maxMemoryBytes: 104_857_600, evictionPolicy: 'allkeys-lru', isAofEnabled: false },
				...{ isLastSaveOk: true, replicas: 0, version: expect.stringMatching(/^\d+\.\d+/) },
				...{ maxClients: 10_000, changesSinceSave: expect.any(Number) },
			}),
		]);
		const [info] = await mode.redis.info();
		for (const figure of [info!.usedMemoryBytes, info!.roundTripMs, info!.connectedClients])
			expect(figure).toBeGreaterThan(0);
		await redis.config('SET', 'maxmemory', '0');
		expect((await mode.redis.info())[0]!.maxMemoryBytes).toBeUndefined();
	});

	it('lists connections by what they do, and closes those that are named', async () => {
		const [blocked, listening] = [connect('bull:am9icw=='), connect()];
		void blocked.brpoplpush('nothing', 'to-take', 0).catch(() => undefined);
		await listening.subscribe('one', 'two');
		const byName = async () =>
			(await mode.redis.clients()).filter(({ name }) => name === 'bull:am9icw==');
		await until(async () => (await byName())[0]?.flags === 'b');
		const [taking] = await byName();
		expect(taking).toMatchObject({ command: 'brpoplpush', user: 'default', subscriptions: 0 });
		expect(taking!.address).toMatch(/^127\.0\.0\.1:\d+$/);
		expect(taking!.serverAddress).toBe(`127.0.0.1:${server.port}`);
		const all = await mode.redis.clients();
		const subscriber = all.find(({ subscriptions }) => subscriptions === 2)!;
		expect(subscriber.flags).toContain('P');

		const other = { ...subscriber, server: 'another:6379' };
		expect(await mode.redis.closeClients([taking!, other])).toBe(1);
		const left = (await mode.redis.clients()).map(({ id }) => id);
		expect(left).not.toContain(taking!.id);
		expect(left).toContain(subscriber.id);
		expect(await mode.redis.closeClients([taking!])).toBe(0);
	});

	it("does not take another n8n's workers for ours, by the prefix of their keys or the number of their database", async () => {
		const [ours, pool] = [connect('bull:am9icw=='), connect('bull:am9icy1ncHU=')];
		const [prefixed, elsewhere] = [connect('other:am9icw=='), connect()];
		await elsewhere.select(3);
		await elsewhere.client('SETNAME', 'bull:am9icw==');
		await Promise.all([ours, pool, prefixed].map((client) => client.ping()));
		const clients = await mode.redis.clients();
		const ids = await Promise.all(
			[ours, pool, prefixed, elsewhere].map(async (client) => `${await client.client('ID')}`),
		);
		const shown = ids.map((own) => clients.find(({ id }) => id === own)!);
		expect(shown.map(({ name }) => name !== '')).toEqual([true, true, false, false]);
		expect(shown.map((one) => one.isOfAnotherN8n ?? false)).toEqual([false, false, true, true]);
	});
});

it('tells of the queue also where Redis is full, which answers what is asked of it still', async () => {
	await redis.hset('bull:jobs:1', { data: '{"executionId":"7","workflowId":"w"}', timestamp: 1 });
	await redis.lpush('bull:jobs:wait', '1');
	ends.push(() => redis.config('SET', 'maxmemory', '0'));
	await redis.config('SET', 'maxmemory-policy', 'noeviction');
	await redis.config('SET', 'maxmemory', '1');
	await expect(redis.set('one', 'more')).rejects.toThrow('OOM');
	expect(await mode.queue.counts()).toMatchObject([{ waiting: 1, oldestWaitingAt: 1 }]);
	expect(await mode.queue.jobs(['waiting'], 10)).toMatchObject({ jobs: [{ executionId: '7' }] });
	const { jobs } = await mode.queue.jobsFor(['7']);
	expect(jobs.get('7')).toMatchObject({ id: '1', state: 'waiting' });
	expect(await mode.queue.jobsFor(['8'])).toEqual({ jobs: new Map(), isWhole: true });
});

describe('the registry', () => {
	const register = async (key: string, entry: object | string): Promise<void> => {
		const text = typeof entry === 'string' ? entry : JSON.stringify(entry);
		await redis.set(`n8n:{instance:}${key}`, text);
		await redis.sadd('n8n:{instance:}members', `n8n:{instance:}${key}`);
	};

	it('has those that are there, whatever else is written of them', async () => {
		expect(await mode.registry.instances()).toEqual([]);
		const common = { hostId: 'main-host', version: '2.41.1', registeredAt: 1_000, lastSeen: 2_000 };
		const main = { ...common, instanceKey: 'a', instanceType: 'main', instanceRole: 'leader' };
		const worker = { ...common, instanceKey: 'b', instanceType: 'worker', instanceRole: 'unset' };
		await register('a', { ...main, schemaVersion: 2, news: ['x'] });
		await register('b', { ...worker, poolName: 'gpu' });
		await register('c', '{"no');
		await register('d', { ...main, instanceType: 'other' });
		for (const [index, time] of [1e17, -1, '2026-11-22'].entries()) {
			await register(`e${index}`, { ...main, lastSeen: time });
			await register(`f${index}`, { ...main, registeredAt: time });
		}
		await redis.sadd('n8n:{instance:}members', 'n8n:{instance:}expired');
		const same = { hostId: 'main-host', version: '2.41.1', registeredAt: 1_000, lastSeenAt: 2_000 };
		const instances = [...(await mode.registry.instances())];
		expect(instances.sort((x, y) => (x.instanceKey < y.instanceKey ? -1 : 1))).toEqual([
			{ ...same, instanceKey: 'a', type: 'main', isLeader: true, pool: '' },
			{ ...same, instanceKey: 'b', type: 'worker', isLeader: false, pool: 'gpu' },
		]);
	});

	it('is not called empty where nothing of it can be read', async () => {
		await register('a', { schemaVersion: 9, key: 'a', type: 'worker' });
		await register('b', '{"no');
		await expect(mode.registry.instances()).rejects.toMatchObject({
			code: 'SOURCE_UNAVAILABLE',
			message: expect.stringMatching(
				/^No entry of n8n's registry can be read \(n8n:\{instance:\}[ab], and 1 more\): another version/,
			),
			remedy: expect.stringContaining('queue.registryPrefix (n8n)'),
		});
	});

	it('keeps the queue from nobody where nothing of it can be read', async () => {
		await register('a', '{"no');
		await redis.set('bull:jobs-gpu:id', '1');
		await redis.lpush('bull:jobs-gpu:wait', '1');
		const own = openQueueMode(standalone(server.port));
		ends.push(() => own.close());
		expect(await own.queue.counts()).toMatchObject([
			{ pool: '', waiting: 0 },
			{ pool: 'gpu', waiting: 1 },
		]);
	});
});

describe('workers', () => {
	const answer = (hostId: string, requestingUserId: string) => ({
		senderId: hostId,
		response: 'response-to-get-worker-status',
		payload: {
			...{ requestingUserId, version: '2.41.1', poolName: 'gpu', hostname: 'elsewhere', news: 1 },
			interfaces: [
				{ family: 'IPv4', address: '127.0.0.1', internal: true },
				{ family: 'IPv4', address: '10.0.0.7', internal: false },
			],
			...{ loadAvg: [1.5, 2, 3], cpus: '4x Some CPU', freeMem: 1_000, totalMem: 2_000 },
			process: {
				uptime: 12.5,
				memory: { rss: 300, heapUsed: 200, constraint: 18_446_744_073_709_552_000 },
			},
			runningJobsSummary: [
				{
					...{ executionId: '7', workflowId: 'w', workflowName: 'W', mode: 'webhook' },
					startedAt: '2026-11-22T04:00:00.000Z',
				},
			],
		},
	});

	/** Answers each command as workers of these hosts do. */
	async function answerAs(...hostIds: string[]): Promise<unknown[]> {
		const commands: unknown[] = [];
		const listener = connect();
		await listener.subscribe('n8n:n8n.commands');
		listener.on('message', (_, text: string) => {
			const command = JSON.parse(text) as { payload: { requestingUserId: string } };
			commands.push(command);
			const { requestingUserId } = command.payload;
			const answers = [
				'no answer',
				JSON.stringify(answer('worker-of-another-request', 'somebody')),
				...hostIds.map((hostId) => JSON.stringify(answer(hostId, requestingUserId))),
			];
			for (const message of answers) void redis.publish(RESPONSES, message);
		});
		return commands;
	}

	it('say what they are at, to who has asked', async () => {
		const commands = await answerAs('worker-1', 'worker-2');
		const before = Date.now();
		const statuses = await mode.workers.askStatus(60_000, undefined, ['worker-1', 'worker-2']);
		expect(statuses.map(({ hostId }) => hostId)).toEqual(['worker-1', 'worker-2']);
		expect(statuses[0]).toEqual({
			...{ hostId: 'worker-1', version: '2.41.1', pool: 'gpu', hostname: 'elsewhere' },
			...{ uptimeMs: 12_500, addresses: ['10.0.0.7'], loadAverage: 1.5, cpus: 4 },
			...{ residentBytes: 300, heapUsedBytes: 200, totalMemoryBytes: 2_000 },
			...{ freeMemoryBytes: 1_000, startedAt: expect.any(Number) },
			running: [
				{
					...{ executionId: '7', workflowId: 'w', workflowName: 'W' },
					startedAt: Date.UTC(2026, 10, 22, 4),
				},
			],
		});
		expect(statuses[0]!.startedAt).toBeGreaterThanOrEqual(before - 12_500);
		expect(commands).toEqual([
			expect.objectContaining({ command: 'get-worker-status', senderId: 'bulwark' }),
		]);
		expect(await redis.pubsub('NUMSUB', RESPONSES)).toEqual([RESPONSES, 0]);
	});

	it('are waited for as long as was said where one is missing, or nobody is known', async () => {
		await answerAs('worker-vm', 'worker-vm');
		const ask = async (waitMs: number, hostIds?: string[], most?: number) =>
			(await mode.workers.askStatus(waitMs, undefined, hostIds, most)).length;
		expect(await ask(60_000, ['worker-vm', 'worker-vm'])).toBe(2);
		expect(await ask(200, ['worker-vm', 'worker-vm', 'worker-vm'])).toBe(2);
		expect(await ask(200)).toBe(2);
		expect(await ask(60_000, [])).toBe(0);
		expect(await ask(60_000, ['worker-vm', 'worker-vm', 'worker-vm'], 2)).toBe(2);
	});

	it('are asked by several at a time, of whom one gives up', async () => {
		await answerAs('worker-1');
		const caller = new AbortController();
		const cancelled = mode.workers.askStatus(60_000, caller.signal, ['worker-1', 'worker-2']);
		const others = [1, 2].map(() => mode.workers.askStatus(60_000, undefined, ['worker-1']));
		caller.abort(new Error('enough'));
		await expect(cancelled).rejects.toThrow('enough');
		for (const statuses of await Promise.all(others)) expect(statuses).toHaveLength(1);
	});

	it('are asked on a new connection where the one that listens was lost', async () => {
		await answerAs('worker-1');
		const ask = () => mode.workers.askStatus(60_000, undefined, ['worker-1']);
		expect(await ask()).toHaveLength(1);
		await redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
		expect(await ask()).toHaveLength(1);
	});
});

it.each<[string, string, (of: OpenQueueMode) => Promise<unknown>, string, RegExp]>([
	[
		'queue',
		'bull:jobs:active',
		({ queue }) => queue.counts(),
		"n8n's queue",
		/bull:jobs\*.*queue\.prefix.*Queue Prefix/,
	],
	[
		'queue',
		'bull:jobs:1',
		async ({ queue }) => {
			await redis.lpush('bull:jobs:wait', '1');
			await queue.jobsFor(['7']);
		},
		"n8n's queue",
		/bull:jobs\*/,
	],
	[
		'instance registry',
		'n8n:{instance:}members',
		({ registry }) => registry.instances(),
		"n8n's instance registry",
		/n8n:\{instance:\}\*.*queue\.registryPrefix.*Key Prefix/,
	],
])(
	'says of the %s that %s holds what n8n does not keep there',
	async (source, key, ask, whose, remedy) => {
		await redis.set(key, 'odd');
		const error = (await ask(mode).catch((reason: unknown) => reason)) as SourceUnavailableError;
		expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source });
		expect(error.message).toMatch(
			`under a key of ${whose} that n8n does not keep there (WRONGTYPE`,
		);
		expect(error.remedy).toMatch(remedy);
		expect(`${error.message}${error.remedy}`).not.toMatch(/policy|Bulwark/);
	},
);

describe('a user of Redis', () => {
	/** What each source is asked. */
	const questions: Record<string, (of: OpenQueueMode) => Promise<unknown>> = {
		counts: ({ queue }) => queue.counts(),
		jobs: ({ queue }) => queue.jobs(['waiting', 'active', 'delayed'], 10),
		jobsFor: ({ queue }) => queue.jobsFor(['7']),
		enqueue: ({ queue }) =>
			queue.enqueue({ executionId: '7', workflowId: 'w', pool: '', attempt: 1 }),
		wasEnqueued: ({ queue }) => queue.wasEnqueued({ executionId: '7', pool: '', attempt: 1 }),
		remove: ({ queue }) => queue.removeUnheld({ id: 'bulwark-7-1', pool: '' }),
		info: ({ redis: servers }) => servers.info(),
		clients: ({ redis: servers }) => servers.clients(),
		close: ({ redis: servers }) =>
			servers.closeClients([{ id: '999999', server: `127.0.0.1:${server.port}` }]),
		registry: ({ registry }) => registry.instances(),
		status: ({ workers }) => workers.askStatus(10),
	};

	async function openAs(...rights: string[]): Promise<OpenQueueMode> {
		await redis.call('ACL', 'SETUSER', 'looker', 'reset', 'on', `>${PASSWORD}`, ...rights);
		const settings = { ...standalone(server.port), username: 'looker', password: PASSWORD };
		const opened = openQueueMode(settings);
		ends.push(() => opened.close());
		return opened;
	}

	it('needs no more than the documented rights', async () => {
		const opened = await openAs(...documentedMcpRights);
		for (const ask of Object.values(questions)) await ask(opened);
	});

	it.each([
		['clients', '-client|list', '+client|list'],
		['close', '-client|kill', '+client|kill'],
		['info', '-info', '+info'],
		['status', '-publish', '+publish'],
		['counts', 'resetkeys', '~bull:* ~n8n:*'],
		['registry', 'resetkeys', '~bull:* ~n8n:*'],
		['status', 'resetchannels', '&n8n:*'],
	])('is told which right it lacks for %s with %s', async (question, without, right) => {
		const opened = await openAs(...documentedMcpRights, without);
		await expect(questions[question]!(opened)).rejects.toMatchObject({
			code: 'SOURCE_UNAVAILABLE',
			remedy: `Give the user the right: ACL SETUSER looker ${right}; docs/mcp-server.md lists all rights`,
		});
	});

	it('that may not add to a list leaves nothing of a job behind', async () => {
		const opened = await openAs(...documentedMcpRights, '-rpush', '-linsert');
		await expect(questions.enqueue!(opened)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
		expect(await redis.keys('*')).toEqual(['bull:jobs:id']);
		expect(await questions.enqueue!(mode)).toEqual({ jobId: 'bulwark-7-1', isNew: true });
	});

	it('is told of a wrong password without it', async () => {
		await openAs(...documentedMcpRights);
		const password = plantedSecret('queue-redis-wrong');
		const wrong = openQueueMode({ ...standalone(server.port), username: 'looker', password });
		ends.push(() => wrong.close());
		const error = await wrong.queue.counts().catch((reason: Error) => reason);
		expect(error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'instance registry' });
		expect(JSON.stringify([error, (error as Error).message])).not.toContain(password);
	});
});
