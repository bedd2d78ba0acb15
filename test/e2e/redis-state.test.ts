import { freePort } from '../../scripts/n8n/index.ts';
import { createFlakyApi, type FlakyApi } from '../../scripts/flaky-api/index.ts';
import { definePolicy } from '../../core/policies/define';
import { itemsFrom } from '../support/execution-data';
import { guardedWebhook, type StepSettings } from '../support/guarded-webhook';
import { startN8nInstance, type N8nInstance } from '../support/n8n-instance';
import { openStore, standalone } from '../support/open-store';
import { plantedSecret } from '../support/planted-secrets';
import { startRedis, type RedisServer } from '../support/redis-server';
import { until } from '../support/until';

const PASSWORD = plantedSecret('redis');

let api: FlakyApi;
let n8n: N8nInstance;
let redis: RedisServer;

beforeAll(async () => {
	api = await createFlakyApi({ port: 0 });
	redis = await startRedis({ requirepass: PASSWORD });
	n8n = await startN8nInstance({ env: { N8N_METRICS: 'true', N8N_LOG_LEVEL: 'debug' } });
});

afterAll(async () => {
	await api?.close();
	await redis?.stop();
	await n8n?.stop();
});

/** Fields of a credential for the Redis at a port. */
const fields = (port: number) => ({ host: '127.0.0.1', port, password: PASSWORD });

async function storeCredential(type: string, port: number): Promise<string> {
	const body = { name: `${type} ${port}`, type, data: fields(port) };
	const { id } = await n8n.client.connection.rest<{ id: string }>('POST', '/credentials', body);
	return id;
}

/** What n8n's button in the credential's dialog does. */
async function test(type: string, port: number, data: object = {}) {
	const id = await storeCredential(type, port);
	const credentials = { id, name: type, type, data: { ...fields(port), ...data } };
	return await n8n.client.connection.rest<{ status: string; message: string }>(
		'POST',
		'/credentials/test',
		{ credentials },
	);
}

/** Publishes a breaker in a Redis, and calls it as often. */
async function callThrough(path: string, credential: Record<string, string>, count = 1) {
	const [type, id] = Object.entries(credential)[0]!;
	const step: StepSettings = {
		type: 'circuitBreaker',
		parameters: { state: type, whenRedisIsDown: 'allow' },
		credentials: { [type]: { id, name: type } },
	};
	await n8n.importWorkflows(guardedWebhook({ path, steps: [step], url: `${api.url}/echo` }));
	const answers = [];
	for (let call = 0; call < count; call++) {
		const response = await n8n.client.callWebhook(path);
		answers.push({ status: response.status, items: (await response.json()) as object[] });
	}
	return answers;
}

describe.each(['redis', 'bulwarkRedisApi'])('with a credential of type %s', (type) => {
	it('n8n tests it', async () => {
		expect(await test(type, redis.port)).toMatchObject({ status: 'OK' });
		expect(await test(type, redis.port, { password: plantedSecret('wrong') })).toMatchObject({
			status: 'Error',
		});
	});

	it('a step keeps its state in that Redis', async () => {
		const id = await storeCredential(type, redis.port);
		const [answer] = await callThrough(`up-${type}`, { [type]: id });
		expect(answer).toMatchObject({ status: 200 });
		expect(answer?.items[0]).not.toHaveProperty('degraded');
	});
});

it('goes on without Redis as the user chose, says so in the item, the metrics and once in the log', async () => {
	const id = await storeCredential('redis', await freePort());
	const answers = await callThrough('down', { redis: id }, 3);
	for (const { status, items } of answers) {
		expect(status).toBe(200);
		expect(items).toMatchObject([
			{ degraded: { code: 'STORE_UNREACHABLE', whenRedisIsDown: 'allow' } },
		]);
	}
	const metrics = await (await fetch(`${n8n.url}/metrics`)).text();
	expect(metrics).toContain('bulwark_degraded_calls_total{mode="allow"} 3');
	expect(metrics).toContain('bulwark_store_outages_total 1');
	const lines = (await n8n.log()).split('\n');
	expect(lines.filter((line) => line.includes('Bulwark cannot reach its Redis'))).toHaveLength(1);
});

it('a published trigger starts its workflow once for each change, also over a crash of n8n', async () => {
	const store = openStore({ ...standalone(redis.port), password: PASSWORD });
	const isolate = async (name: string) => {
		const breaker = definePolicy('circuit-breaker', name);
		await store.registry.note(breaker, { id: name, title: 'a step' });
		await store.store.override(breaker, '', 'isolate');
	};
	const credentials = { redis: { id: await storeCredential('redis', redis.port), name: 'Redis' } };
	const node = (name: string, type: string, more: object = {}) => ({
		...{ id: name, name, type, typeVersion: 1, position: [0, 0] as [number, number] },
		parameters: {},
		...more,
	});
	const parameters = {
		state: 'redis',
		events: ['circuit-breaker'],
		options: { intervalMs: 1_000 },
	};
	const stored = await n8n.client.createWorkflow({
		name: 'Watch breakers',
		nodes: [
			node('Watch', 'n8n-nodes-bulwark.bulwarkTrigger', { parameters, credentials }),
			node('Seen', 'n8n-nodes-base.noOp'),
		],
		connections: { Watch: { main: [[{ node: 'Seen', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	});
	/** What each start was for, the first first. */
	const seen = async () => {
		const executions = await n8n.client.executions(stored.id);
		const ended = await Promise.all(
			executions.map(async ({ id }) => await n8n.client.waitForExecution(id)),
		);
		return ended.reverse().map((execution) => itemsFrom(execution, 'Seen'));
	};
	try {
		await n8n.client.publish(stored);
		await isolate('orders');
		await until(async () => (await seen()).length === 1);
		await n8n.restart('crash');
		await isolate('stock');
		await until(async () => (await seen()).length === 2);
		expect((await seen()).map((items) => items.map(({ evidence }) => evidence))).toMatchObject([
			[{ name: 'orders', state: 'isolated' }],
			[{ name: 'stock', state: 'isolated' }],
		]);
	} finally {
		store.close();
	}
});
