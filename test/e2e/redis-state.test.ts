import { freePort } from '../../scripts/n8n/index.ts';
import { createFlakyApi, type FlakyApi } from '../../scripts/flaky-api/index.ts';
import { guardedWebhook, type StepSettings } from '../support/guarded-webhook';
import { startN8nInstance, type N8nInstance } from '../support/n8n-instance';
import { plantedSecret } from '../support/planted-secrets';
import { startRedis, type RedisServer } from '../support/redis-server';

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
