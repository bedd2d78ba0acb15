import { jobData, jobOptions, openBull } from '../../support/bull';
import { openQueueMode, type OpenQueueMode } from '../../support/queue-mode';
import { startRedisCluster, type RedisCluster } from '../../support/redis-cluster';
import { until } from '../../support/until';

let cluster: RedisCluster;
let mode: OpenQueueMode;

beforeAll(async () => {
	cluster = await startRedisCluster();
	mode = openQueueMode({ topology: { type: 'cluster', nodes: cluster.addresses } });
});

afterAll(async () => {
	await mode.close();
	await cluster.stop();
});

it('a queue on a Cluster is seen and changed, in the one slot that n8n gives it', async () => {
	const bull = openBull(cluster.addresses, { prefix: '{bull}', isCluster: true });
	const { queue } = bull;
	try {
		await queue.add('job', jobData('1'), jobOptions);
		await queue.add('job', jobData('2'), { ...jobOptions, priority: 50 });
		const request = { executionId: '3', workflowId: 'w', pool: '', attempt: 1 };
		expect(await mode.queue.enqueue(request)).toEqual({ jobId: 'bulwark-3-1', isNew: true });
		await queue.getNextJob();
		expect(await mode.queue.counts()).toMatchObject([{ waiting: 2, active: 1, added: 3 }]);
		const { jobs } = await mode.queue.jobsFor(['1', '2', '3']);
		expect(jobs.get('2')).toMatchObject({ state: 'active', lock: { owner: expect.any(String) } });
		expect(jobs.get('3')).toMatchObject({ state: 'waiting', id: 'bulwark-3-1' });
		expect(await mode.queue.removeUnheld(jobs.get('2')!)).toBe('held');
		expect(await mode.queue.removeUnheld(jobs.get('1')!)).toBe('removed');
		const next = await queue.getNextJob();
		expect(next!.data).toMatchObject({ executionId: '3', workflowId: 'w' });
	} finally {
		await bull.close();
	}
});

it('all masters of a Cluster are asked, and connections closed on each of them', async () => {
	const servers = cluster.masters.map(({ port }) => `127.0.0.1:${port}`).sort();
	const infos = await mode.redis.info();
	expect(infos.map(({ server }) => server).sort()).toEqual(servers);
	for (const { client } of cluster.masters) await client.client('SETNAME', 'to-close');
	const named = async () => (await mode.redis.clients()).filter(({ name }) => name === 'to-close');
	expect((await named()).map(({ server }) => server).sort()).toEqual(servers);
	expect(await mode.redis.closeClients(await named())).toBe(servers.length);
	await until(async () => (await named()).length === 0);
});

it('the registry and the workers of a Cluster answer', async () => {
	const [{ client } = { client: undefined }] = cluster.masters;
	const entry = { instanceKey: 'a', hostId: 'worker-a', instanceType: 'worker', version: '2' };
	const key = 'n8n:{instance:}a';
	const write = openBull(cluster.addresses, { prefix: '{other}', isCluster: true });
	try {
		const redis = write.queue.client;
		await redis.set(key, JSON.stringify({ ...entry, registeredAt: 1, lastSeen: 2 }));
		await redis.sadd('n8n:{instance:}members', key);
	} finally {
		await write.close();
	}
	expect(await mode.registry.instances()).toMatchObject([{ hostId: 'worker-a', lastSeenAt: 2 }]);
	const heard: string[] = [];
	const listener = client!.duplicate();
	await listener.subscribe('n8n:n8n.commands');
	listener.on('message', (_, text: string) => heard.push(text));
	expect(await mode.workers.askStatus(100)).toEqual([]);
	await until(() => heard.length === 1);
	listener.disconnect();
});

it('a job is found in a pool of which no worker was ever seen, whichever master has it', async () => {
	const view = openQueueMode({ topology: { type: 'cluster', nodes: cluster.addresses } });
	const settings = { name: 'jobs-gpu', prefix: '{bull}', isCluster: true };
	const bull = openBull(cluster.addresses, settings);
	try {
		await bull.queue.add('job', jobData('7'), jobOptions);
		const { jobs } = await view.queue.jobsFor(['7']);
		expect(jobs.get('7')).toMatchObject({ pool: 'gpu', state: 'waiting' });
	} finally {
		await bull.close();
		await view.close();
	}
});
