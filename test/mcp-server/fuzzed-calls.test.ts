import fc from 'fast-check';
import { Redis } from 'ioredis';

import { definePolicy } from '../../core/policies/define';
import { tools } from '../../mcp-server/tools';
import { Secret } from '../../mcp-server/config/secret';
import { readConfig } from '../../mcp-server/config/read-config';
import { freePort } from '../support/free-port';
import { connectFirst, type TestClient } from '../support/mcp/mcp-clients';
import { queueIn, startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';
import { toolCalls, type ToolCallInput } from '../support/mcp/tool-calls';
import { openStore, standalone, type OpenStore } from '../support/open-store';
import {
	expectNoSecrets,
	expectNoSecretsUnder,
	keysAndValues,
	plantedSecret,
} from '../support/planted-secrets';
import { startRedis, type RedisServer } from '../support/redis-server';

/** BULWARK_FUZZ_CALLS=10000 makes more of them, BULWARK_FUZZ_SEED the same again. */
const CALLS = Number(process.env.BULWARK_FUZZ_CALLS ?? 1_000);
const SEED = Number(process.env.BULWARK_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

const AT_ONCE = 8;

const breaker = definePolicy('circuit-breaker', 'payments', {});

let redis: RedisServer;
let steps: OpenStore;
let admin: Redis;
let server: TestMcpServer;

beforeAll(async () => {
	const password = plantedSecret('fuzz-redis');
	redis = await startRedis({ requirepass: password });
	steps = openStore({ ...standalone(redis.port), password });
	await steps.registry.note(breaker, { id: 'w/n', title: '"Breaker" of workflow "Orders"' });
	admin = new Redis(redis.port, { password });
	const closed = await freePort();
	const { http } = readConfig(undefined, {});
	server = await startMcpServer(
		{
			...queueIn(redis),
			QUEUE_BULL_REDIS_PASSWORD: password,
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: `${closed}`,
			DB_POSTGRESDB_PASSWORD: plantedSecret('fuzz-database'),
		},
		{
			n8n: {
				url: `http://127.0.0.1:${closed}`,
				apiKey: new Secret(plantedSecret('fuzz-key')),
			},
			http: { ...http, requestsPerMinute: 100_000 },
		},
	);
});

afterAll(async () => {
	await server?.stop();
	admin.disconnect();
	steps.close();
	await redis.stop();
});

/** Code, what is wrong, and what to do; or who may. */
const CLEAR = /^[A-Z]+(_[A-Z]+)*: [^]+\. [^]+\.$|takes the role "\w+"; .+\. Ask somebody/;
const WRONG_ARGUMENT = /^INVALID_OPTION: "[^]+" is [^]+: [^]+\. [^]+\.$/;

function check({ name, given }: ToolCallInput, answer: Awaited<ReturnType<TestClient['call']>>) {
	const { isError, text } = answer;
	const shown = `seed ${SEED}: ${name} ${JSON.stringify(given).slice(0, 500)}: ${text.slice(0, 500)}`;
	expectNoSecrets(`seed ${SEED}: an answer of ${name}`, JSON.stringify(answer));
	if (!isError) return;
	if (!CLEAR.test(text)) throw new Error(`Not clear: ${shown}`);
	if (text.startsWith('INTERNAL')) throw new Error(`Not expected: ${shown}`);
	if (text.startsWith('INVALID_OPTION') && !WRONG_ARGUMENT.test(text))
		throw new Error(`Names no parameter: ${shown}`);
}

/** Sends calls, several at a time. */
async function sendAll(
	clients: readonly TestClient[],
	calls: readonly ToolCallInput[],
	look: typeof check,
): Promise<void> {
	const left = [...calls];
	const sender = async (_: unknown, index: number) => {
		for (let call = left.pop(); call; call = left.pop())
			look(call, await clients[index % clients.length]!.call(call.name, call.given as never));
	};
	await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

const sampled = async (client: TestClient, count: number) =>
	fc.sample(toolCalls(await client.tools()), { numRuns: count, seed: SEED });

it('answers whatever it is called with clearly, and without a secret', async () => {
	const clients = [
		await server.connect('operator', 'yes'),
		await server.connect('operator'),
		await server.connect('operator', 'not there', connectFirst),
	];
	await sendAll(clients, await sampled(clients[0]!, CALLS), check);
	for (const client of clients) expect((await client.call('list_policies')).isError).toBe(false);
	expectNoSecrets('the log', server.log.join('\n'));
	await expectNoSecretsUnder(server.config.stateFolder, () => false);
}, 600_000);

it('lets a viewer change nothing', async () => {
	const before = await keysAndValues(admin);
	const viewer = await server.connect('viewer', 'yes');
	const changing = new Set(
		tools
			.filter(({ effect, role }) => effect !== 'looks' || role !== 'viewer')
			.map(({ name }) => name),
	);
	const calls = await sampled(viewer, Math.ceil(CALLS / 10));
	await sendAll([viewer], calls, (call, answer) => {
		check(call, answer);
		if (changing.has(call.name) && !answer.isError)
			throw new Error(`seed ${SEED}: a viewer called ${call.name}`);
	});
	expect((await keysAndValues(admin)).equals(before)).toBe(true);
}, 600_000);

it('bears messages that are none', async () => {
	const token = await server.token('viewer');
	const bodies = fc.sample(
		fc.oneof(
			fc.string({ unit: 'binary', maxLength: 300 }),
			fc.json(),
			fc
				.record({
					jsonrpc: fc.constantFrom('2.0', '1.0', 2),
					id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
					method: fc.oneof(
						fc.constantFrom('tools/call', 'initialize', 'server/discover'),
						fc.string(),
					),
					params: fc.jsonValue(),
				})
				.map((message) => JSON.stringify(message)),
		),
		{ numRuns: 200, seed: SEED },
	);
	for (const body of bodies) {
		const answer = await fetch(server.url, {
			method: 'POST',
			body,
			headers: {
				authorization: `Bearer ${token}`,
				'content-type': 'application/json',
				accept: 'application/json, text/event-stream',
			},
		});
		const text = await answer.text();
		if (answer.status >= 500)
			throw new Error(`seed ${SEED}: ${answer.status} for ${body}: ${text}`);
		expectNoSecrets('an answer', text);
	}
	const client = await server.connect('viewer');
	expect(await client.tools()).toHaveLength(tools.length);
});
