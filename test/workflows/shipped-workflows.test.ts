import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { readWorkflowFiles, type WorkflowFile } from '../../scripts/demo/index.ts';
import type { CredentialReference, Execution, StoredWorkflow } from '../../scripts/n8n/index.ts';
import { callsOf, statsOf } from '../support/api-stats';
import { itemsFrom, runsOf } from '../support/execution-data';
import { freePort } from '../support/free-port';
import { connectFirst } from '../support/mcp/mcp-clients';
import { startMcpServer } from '../support/mcp/mcp-server';
import { addExecution, sqliteOf } from '../support/n8n-database';
import { plantedSecret } from '../support/planted-secrets';
import { startRedis } from '../support/redis-server';
import { startSlackServer, type SlackServer } from '../support/slack-server';
import { startSmtpServer, type Mail, type SmtpServer } from '../support/smtp-server';
import { startStandInWorker } from '../support/stand-in-worker';
import { until } from '../support/until';
import { useN8n } from '../support/use-n8n';

const PROJECT = resolve(__dirname, '../..');

/** n8n lets no node read its database unless its operator says so; its folder is made below this one. */
const env: NodeJS.ProcessEnv = {
	N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES: 'false',
	N8N_RESTRICT_FILE_ACCESS_TO: realpathSync(tmpdir()),
};
let slack: SlackServer;
let smtp: SmtpServer;

beforeAll(async () => {
	[slack, smtp] = await Promise.all([startSlackServer(), startSmtpServer()]);
	Object.assign(env, slack.env);
});

const started = useN8n(env);

afterAll(async () => {
	await Promise.all([slack?.close(), smtp?.close()]);
});

let files: WorkflowFile[];

beforeAll(async () => {
	files = await readWorkflowFiles(PROJECT, started.api.url);
	await started.n8n.importWorkflows(...files.map(({ workflow }) => workflow));
});

/** Workflows that a test of this file has executed, by file. */
const executed = new Set<string>();

/** Runs a workflow as "Execute workflow" does. */
async function execute(file: string): Promise<Execution> {
	executed.add(file);
	const { id } = files.find((candidate) => candidate.file === file)!.workflow;
	const executionId = await started.n8n.client.run(id, 'Execute by hand');
	const execution = await started.n8n.client.waitForExecution(executionId);
	expect(execution.data.resultData.error).toBeUndefined();
	expect(execution.status).toBe('success');
	return execution;
}

/** Stores a credential in n8n. */
async function credential(type: string, data: object): Promise<CredentialReference> {
	const body = { name: type, type, data };
	const { connection } = started.n8n.client;
	const { id } = await connection.rest<{ id: string }>('POST', '/credentials', body);
	return { id, name: type };
}

/** Calls a published workflow. */
async function call(file: string, path: string): Promise<{ status: number; body: unknown }> {
	executed.add(file);
	const response = await started.n8n.client.callWebhook(path);
	return { status: response.status, body: await response.json() };
}

it('Protect a flaky API: retries get through, an open breaker spares the service, a fallback answers', async () => {
	const file = 'workflows/protect-a-flaky-api.json';
	const first = await execute(file);
	expect(itemsFrom(first, 'Six answers')).toEqual([
		{ order: 1, service: 'stock', answeredBy: 'service', because: 'answered at call 1' },
		{ order: 2, service: 'stock', answeredBy: 'service', because: 'answered at call 2' },
		{ order: 3, service: 'stock', answeredBy: 'service', because: 'answered at call 3' },
		...[4, 5, 6].map((order) => ({
			order,
			service: 'payment',
			answeredBy: 'fallback',
			because: expect.stringContaining(order === 4 ? '503' : 'Circuit breaker is open') as string,
		})),
	]);
	const key = (order: number) => `order-${first.id}-${order}`;
	expect(await callsOf(started.api, 'flaky')).toEqual({ [key(1)]: 1, [key(2)]: 2, [key(3)]: 3 });
	// Nine without the breaker.
	expect(await callsOf(started.api, 'status')).toEqual({ [key(4)]: 3 });
	expect(runsOf(first, 'Six answers')).toBe(1);

	const second = await execute(file);
	const answers = itemsFrom(second, 'Six answers').map(({ answeredBy }) => answeredBy);
	expect(answers).toEqual([...Array(3).fill('service'), ...Array(3).fill('fallback')]);
	expect(await callsOf(started.api, 'status')).toEqual({ [key(4)]: 3 });
});

it('Answer a webhook: the caller gets an answer, whatever the service does', async () => {
	const file = 'workflows/answer-a-webhook.json';
	expect(await call(file, 'bulwark/answer?path=flaky%3Ffail%3D2')).toEqual({
		status: 200,
		body: [expect.objectContaining({ ok: true, call: 3 })],
	});
	expect(await call(file, 'bulwark/answer?path=status/503')).toEqual({
		status: 200,
		body: [
			{
				ok: false,
				note: 'We come back to you',
				fallback: expect.objectContaining({ source: 'static', statusCode: 503 }) as object,
			},
		],
	});
});

it('Retry: the third attempt gets through', async () => {
	const execution = await execute('workflows/patterns/retry.json');
	expect(itemsFrom(execution, 'Got through')).toMatchObject([{ ok: true, call: 3 }]);
	expect(runsOf(execution, 'Gave up')).toBe(0);
	expect(await callsOf(started.api, 'flaky')).toMatchObject({ [`retry-${execution.id}`]: 3 });
});

it('Circuit Breaker: opens after three executions that failed, and the next does not call', async () => {
	const file = 'workflows/patterns/circuit-breaker.json';
	for (let call = 1; call <= 3; call++) {
		const execution = await execute(file);
		expect(itemsFrom(execution, 'Service failed')).toMatchObject([{ error: { statusCode: 503 } }]);
	}
	const rejected = await execute(file);
	expect(runsOf(rejected, 'Call the service')).toBe(0);
	expect(itemsFrom(rejected, 'Not even called')).toMatchObject([
		{ error: { code: 'CIRCUIT_OPEN', retryAfterMs: expect.any(Number) as number } },
	]);
	expect(await callsOf(started.api, 'status')).toMatchObject({ breaker: 3 });
});

it('Rate Limiter: twelve items in three helpings, and the service refuses none', async () => {
	const execution = await execute('workflows/patterns/rate-limiter.json');
	expect(itemsFrom(execution, 'Answered')).toHaveLength(12);
	expect(runsOf(execution, 'Call the service')).toBe(3);
	const seen = (await statsOf(started.api, 'limited', 1000))[`limiter-${execution.id}`];
	expect(seen).toMatchObject({ calls: 12, statuses: { 200: 12 } });
	expect(seen!.busiestWindow).toBeLessThanOrEqual(5);
});

it('Bulkhead: six executions at once, two calls at a time', async () => {
	const file = 'workflows/patterns/bulkhead.json';
	await call(file, 'bulwark/bulkhead');
	const answers = await Promise.all(
		Array.from({ length: 6 }, async () => await call(file, 'bulwark/bulkhead')),
	);
	expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
	expect((await statsOf(started.api, 'concurrent')).bulkhead).toMatchObject({
		maxInFlight: 2,
		inFlight: 0,
		statuses: { 200: 7 },
	});
});

it('Fallback: the last good result under the same key, else a fixed value', async () => {
	const execution = await execute('workflows/patterns/fallback.json');
	const answers = itemsFrom(execution, 'Answered');
	expect(answers).toHaveLength(3);
	expect(answers).toContainEqual(
		expect.not.objectContaining({ fallback: expect.anything() as object }),
	);
	expect(answers).toContainEqual(
		expect.objectContaining({
			ok: true,
			key: 'price-apple',
			fallback: expect.objectContaining({ source: 'last-good', alternative: 1 }) as object,
		}),
	);
	expect(answers).toContainEqual({
		product: 'pear',
		price: null,
		fallback: expect.objectContaining({ source: 'static', alternative: 2 }) as object,
	});
});

it('Run Once: an order that comes twice is placed once, and not again the next time', async () => {
	const file = 'workflows/patterns/run-once.json';
	const placed = itemsFrom(await execute(file), 'Placed');
	expect(placed.map(({ key }) => key).sort()).toEqual(['order-1001', 'order-1001', 'order-1002']);
	expect(placed.filter(({ runOnce }) => runOnce !== undefined)).toMatchObject([
		{ key: 'order-1001', runOnce: { replayed: true } },
	]);
	const again = itemsFrom(await execute(file), 'Placed');
	expect(again.every(({ runOnce }) => runOnce !== undefined)).toBe(true);
	const { 'order-1001': first, 'order-1002': second } = await callsOf(started.api, 'status');
	expect([first, second]).toEqual([1, 1]);
});

it('Timeout: the slow call fails when its time is up, not when it is done', async () => {
	const execution = await execute('workflows/patterns/timeout.json');
	expect(itemsFrom(execution, 'In time')).toMatchObject([{ ok: true, ms: 100 }]);
	expect(itemsFrom(execution, 'Too late')).toMatchObject([
		{ key: 'slow', error: { code: 'TIMEOUT' } },
	]);
	const [run] = execution.data.resultData.runData.Timeout!;
	expect(run!.executionTime).toBeGreaterThanOrEqual(1900);
	expect(run!.executionTime).toBeLessThan(8000);
});

it('Resilience Pipeline: retries, gives up on the slow and the broken, answers in order', async () => {
	const execution = await execute('workflows/patterns/resilience-pipeline.json');
	expect(itemsFrom(execution, 'Answered')).toMatchObject([
		{ ok: true, call: 1 },
		{ ok: true, call: 3 },
		{ ok: false, fallback: { source: 'static', code: 'TIMEOUT' } },
		{ ok: false, fallback: { source: 'static', statusCode: 503 } },
	]);
	const { id } = execution;
	expect(await callsOf(started.api, 'flaky')).toMatchObject({
		[`fine-${id}`]: 1,
		[`shaky-${id}`]: 3,
	});
	expect(await callsOf(started.api, 'slow')).toMatchObject({ [`slow-${id}`]: 3 });
	expect(await callsOf(started.api, 'status')).toMatchObject({ [`down-${id}`]: 3 });
	executed.add('workflows/patterns/call-the-flaky-api.json');
});

const ALERTS = 'workflows/operations/alert-on-trouble.json';
const slackToken = plantedSecret('token of Slack');

/** Does what the note in the workflow says. @param more what is set on nodes, by their names. */
async function setUpAlerts(more: Record<string, object> = {}): Promise<StoredWorkflow> {
	const smtpFields = { host: '127.0.0.1', port: smtp.port, secure: false, disableStartTls: true };
	const senders = {
		'E-mail': { smtp: await credential('smtp', smtpFields) },
		Slack: { slackApi: await credential('slackApi', { accessToken: slackToken }) },
	};
	const { workflow } = files.find((candidate) => candidate.file === ALERTS)!;
	const nodes = workflow.nodes.map((node) => ({
		...node,
		credentials: senders[node.name as keyof typeof senders],
		...more[node.name],
		parameters: { ...node.parameters, ...(more[node.name] as typeof node)?.parameters },
	}));
	return await started.n8n.client.updateWorkflow(workflow.id, { ...workflow, nodes });
}

it('Alert on trouble: one e-mail and one message to Slack tell of all that is wrong', async () => {
	const { client } = started.n8n;
	const { id } = await setUpAlerts();
	executed.add(ALERTS);
	const executionId = await client.run(id, 'When something is wrong');
	const execution = await client.waitForExecution(executionId);
	expect(execution.data.resultData.error).toBeUndefined();
	// Breakers of tests above are open in this process.
	const told = itemsFrom(execution, 'When something is wrong');
	const summaries = told.map(({ summary }) => summary as string);
	expect(summaries).toContain(
		'Circuit breaker "Circuit Breaker" of workflow "Pattern: Circuit Breaker" was closed and is open',
	);
	const lines = summaries.map((summary) => `- ${summary}`);
	expect(slack.calls).toMatchObject([
		{
			path: '/api/chat.postMessage',
			authorization: `Bearer ${slackToken}`,
			body: { channel: '#operations', text: lines.join('\n') },
		},
	]);
	expect(smtp.mails).toMatchObject([
		{ from: 'n8n@example.com', to: ['operations@example.com'] },
	]);
	const [{ content }] = smtp.mails as [Mail];
	expect(content).toMatch(/^Subject: n8n: /m);
	for (const line of lines) expect(content).toContain(`${line}\n`);
	expect(content).toContain('- circuit-breaker "');
});

it('Alert on trouble: tells Slack also where no e-mail can be sent', async () => {
	const nowhere = await credential('smtp', {
		...{ host: '127.0.0.1', port: await freePort() },
		...{ secure: false, disableStartTls: true },
	});
	const { id } = await setUpAlerts({ 'E-mail': { credentials: { smtp: nowhere } } });
	const before = slack.calls.length;
	const { client } = started.n8n;
	const executionId = await client.run(id, 'When something is wrong');
	const execution = await client.waitForExecution(executionId);
	expect(itemsFrom(execution, 'E-mail')).toMatchObject([{ error: expect.any(String) as string }]);
	expect(slack.calls.length).toBe(before + 1);
});

it('Alert on trouble: tells of a worker that turns zombie and of a lost execution once it is set to', async () => {
	const redis = await startRedis();
	const database = sqliteOf(started.n8n.userFolder);
	const { client } = started.n8n;
	const credentials = { redis: await credential('redis', { host: '127.0.0.1', port: redis.port }) };
	const state = { parameters: { state: 'redis' }, credentials };
	const alerts = await setUpAlerts({
		'When something is wrong': {
			credentials,
			parameters: {
				...state.parameters,
				...{ database: 'sqlite', databaseFile: database.settings.file },
				events: ['worker', 'execution'],
				options: { intervalMs: 1_000 },
			},
		},
		'State of all policies': state,
	});
	const worker = startStandInWorker(redis.port);
	const told = () => slack.calls.map(({ body }) => body.text as string).join('\n');
	const zombie = /^- Worker ".+" was healthy and is zombie$/m;
	try {
		const lost = await addExecution(database, {
			...{ workflowId: alerts.id, status: 'new', createdAt: Date.now() - 60_000 },
		});
		await client.publish(alerts);
		const title = `Execution ${lost} of workflow ${alerts.id}`;
		const line = `- ${title} was accounted for and is lost`;
		await until(() => told().includes(line) && zombie.test(told()));
		await until(() => {
			const mails = smtp.mails.map(({ content }) => content).join('\n');
			return mails.includes(line) && mails.includes('is zombie');
		});
	} finally {
		await client.unpublish(alerts.id);
		await worker.stop();
		await database.stop();
		await redis.stop();
	}
});

it('Synthetic check: is run end to end in an n8n without workers', async () => {
	executed.add('workflows/operations/synthetic-check.json');
	const { url, userFolder, client } = started.n8n;
	const settings = { DB_TYPE: 'sqlite', N8N_USER_FOLDER: userFolder, BULWARK_N8N_URL: url };
	const server = await startMcpServer(settings);
	const assistant = await connectFirst(server.url, await server.token('operator'));
	const { structured } = await assistant.call('run_synthetic_check');
	await assistant.close();
	await server.stop();
	expect(structured).toMatchObject({ verdict: 'passed', problem: null, worker: null });
	expect(structured.hops.map(({ name }: any) => name)).toEqual([
		...['called', 'row created', 'started', 'finished', 'answered'],
	]);
	expect(structured.unseen.map(({ name }: any) => name)).toEqual(['enqueued', 'taken']);
	const { status } = await client.execution(structured.executionId as string);
	expect(status).toBe('success');
});

it('every shipped workflow has been executed by a test above', () => {
	expect([...executed].sort()).toEqual(files.map(({ file }) => file).sort());
});
