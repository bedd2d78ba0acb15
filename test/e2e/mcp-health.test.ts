import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { thresholdsSchema } from '../../core/health';
import { readConfig } from '../../mcp-server/config/read-config';
import { pollUntil, publishAll } from '../../scripts/n8n/index.ts';
import type { TemporaryStack } from '../../scripts/stack/index.ts';
import { connectModern, type TestClient } from '../support/mcp/mcp-clients';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';
import { knowSecretsOfStack, startTestStack } from '../support/stack';

/** Longest time from a fault until it is named. */
const NAMED_WITHIN_MS = 30_000;

let stack: TemporaryStack;
let server: TestMcpServer;
let client: TestClient;

beforeAll(async () => {
	stack = await startTestStack({ workers: 2, concurrency: 5 });
	const { postgresPassword } = await knowSecretsOfStack(stack.folder);
	const { redis, processes } = stack.stack;
	const portOf = (wanted: string) => processes.find(({ role }) => role === wanted)!.port;
	const settings = {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: redis.host,
		QUEUE_BULL_REDIS_PORT: `${redis.port}`,
		QUEUE_BULL_REDIS_PASSWORD: redis.password,
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: `${portOf('postgres')}`,
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
		DB_POSTGRESDB_PASSWORD: postgresPassword!,
		BULWARK_N8N_URL: `http://127.0.0.1:${portOf('main')}`,
	};
	const { workers } = stack.stack;
	server = await startMcpServer(settings, {
		...readConfig(undefined, settings),
		thresholds: thresholdsSchema.parse({
			// How fast a machine is that runs tests says nothing of n8n.
			...Object.fromEntries(
				['databaseRoundTripMs', 'eventLoopLagMs', 'p95Ms', 'redisRoundTripMs'].map((name) => [
					name,
					{ warning: 1e9, critical: 1e9 },
				]),
			),
			cpu: { warning: 10, critical: 10 },
		}),
		workers: workers.map(({ port }) => ({ healthUrl: `http://127.0.0.1:${port}` })),
	});
	client = await connectModern(server.url, await server.token('viewer'));
});

afterAll(async () => {
	await client?.close();
	await server?.stop();
	await stack?.stop();
});

const health = async () => (await client.call('get_health')).structured;

/** But for settings that may lose executions some day, of which a stack for tests has some. */
const findingIds = async (): Promise<string[]> =>
	(await health()).findings
		.map(({ id }: { id: string }) => id)
		.filter((id: string) => id !== 'settings-lose-executions');

const untilFound = async (id: string): Promise<any> =>
	await pollUntil(async () => (await health()).findings.find((finding: any) => finding.id === id), {
		what: id,
		timeoutMs: NAMED_WITHIN_MS,
	});

it('finds a stack healthy whose workers are idle, by evidence of two sources', async () => {
	const { workers, unknowns } = (await client.call('list_workers')).structured;
	expect(unknowns).toEqual([]);
	expect(workers).toHaveLength(2);
	for (const { state, evidence } of workers) {
		expect(state).toBe('idle');
		expect(new Set(evidence.map(({ source }: any) => source)).size).toBeGreaterThanOrEqual(2);
	}
	expect(await findingIds()).toEqual([]);
});

it('runs a workflow end to end, and times each hop of it', async () => {
	const { client: n8n } = stack.stack;
	const file = resolve(__dirname, '../../workflows/operations/synthetic-check.json');
	const workflow = await n8n.createWorkflow(JSON.parse(await readFile(file, 'utf8')));
	await publishAll(n8n, [workflow]);
	const operator = await connectModern(server.url, await server.token('operator'));
	// n8n answers 404 for a moment after it has published a webhook.
	const { structured, text } = await pollUntil(
		async () => {
			const answer = await operator.call('run_synthetic_check');
			return answer.text.includes('(404)') ? undefined : answer;
		},
		{ what: 'the webhook', timeoutMs: NAMED_WITHIN_MS },
	);
	await operator.close();
	expect(structured).toMatchObject({
		...{ verdict: 'passed', workflowId: workflow.id, problem: null, unseen: [] },
		worker: { hostId: expect.stringMatching(/^worker-/) as string },
	});
	expect(structured.hops.map(({ name }: any) => name)).toEqual([
		...['called', 'row created', 'enqueued', 'taken', 'started', 'finished', 'answered'],
	]);
	// All on one machine, by one clock.
	for (const { tookMs } of structured.hops) expect(tookMs).toBeGreaterThanOrEqual(0);
	expect(structured.durationMs).toBeGreaterThanOrEqual(1_000);
	expect(text).toMatch(/^"Synthetic check" \(\S+\) passed after /);
	const viewer = await client.call('run_synthetic_check');
	expect(viewer).toMatchObject({ isError: true });
	expect(viewer.text).toContain('operator');
});

describe.each([
	['main', 'main-unreachable', undefined],
	['redis', 'redis-unavailable', 'whether workers still ask for jobs'],
])('while %s stands still', (role, id, unknown) => {
	const signal = (name: NodeJS.Signals) =>
		process.kill(stack.stack.processes.find((one) => one.role === role)!.pid!, name);

	it('says so, what is not known, and goes on when it is back', async () => {
		signal('SIGSTOP');
		try {
			await untilFound(id);
			const { text } = await client.call('get_health');
			if (unknown) expect(text).toContain(`${unknown}`);
		} finally {
			signal('SIGCONT');
		}
		await pollUntil(async () => ((await findingIds()).includes(id) ? undefined : true), {
			what: `no ${id}`,
			timeoutMs: NAMED_WITHIN_MS,
		});
	});
});

it('says what is not known while the database is gone', async () => {
	await stack.stack.kill('postgres');
	await untilFound('database-unavailable');
	const { text } = await client.call('get_health');
	expect(text).toContain('how executions end, and which were lost');
});
