import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';

import { HttpN8nApi } from '../../adapters/n8n/api';
import { HttpProcessMetrics } from '../../adapters/n8n/metrics';
import { systemClock } from '../../adapters/system';
import { pollUntil } from '../../scripts/n8n/index.ts';
import { configSchema } from '../../mcp-server/config/config-schema';
import { freePort } from '../support/free-port';
import { connectModern } from '../support/mcp/mcp-clients';
import { startHoldingService } from '../support/holding-service';
import { startMcpServer } from '../support/mcp/mcp-server';
import { knowSecret } from '../support/planted-secrets';
import { statsOf } from '../support/api-stats';
import { straightWorkflow } from '../support/straight-workflow';
import { tagWorkflow } from '../support/tag-workflow';
import { until } from '../support/until';
import { useN8n } from '../support/use-n8n';

const started = useN8n({ N8N_METRICS: 'true', N8N_METRICS_INCLUDE_WEBHOOK_METRICS: 'true' });

let apiKey: string;
let workflowId: string;

beforeAll(async () => {
	apiKey = await started.n8n.client.createApiKey('test');
	const request = (name: string, path: string) => ({
		name,
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { url: `=${started.api.url}${path}` },
	});
	const [workflow] = await started.n8n.importWorkflows(
		straightWorkflow(
			'asked by API',
			{
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2.1,
				webhookId: 'asked',
				parameters: { path: 'asked', httpMethod: 'POST', responseMode: 'lastNode', options: {} },
			},
			request('Fails once', '/flaky?fail=1&key={{ $json.body.key }}'),
			request('Slow', '/slow?ms={{ $("Webhook").first().json.body.ms }}&key={{ $json.key }}'),
		),
	);
	workflowId = workflow!.id;
});

const apiOf = (more: { apiKey?: string; answerTimeoutMs?: number; url?: string } = {}) =>
	new HttpN8nApi(
		{ url: more.url ?? started.n8n.url, apiKey: 'apiKey' in more ? more.apiKey : apiKey },
		systemClock,
		more.answerTimeoutMs,
	);

const call = (body: unknown, path = 'asked') =>
	apiOf().callWebhook({ path, method: 'POST', body, timeoutMs: 10_000 });

/** The id of an execution that has just failed. */
async function failedExecution(body: { key: string; ms: number }): Promise<string> {
	await started.n8n.client.callWebhook('asked', {
		method: 'POST',
		body: JSON.stringify(body),
		headers: { 'content-type': 'application/json' },
	});
	return (await started.n8n.client.executions(workflowId))[0]!.id;
}

it('runs a failed execution once more, and says under which id', async () => {
	const id = await failedExecution({ key: 'retried', ms: 0 });
	const retriedAs = await apiOf().retry(id);
	expect(await started.n8n.client.waitForExecution(retriedAs)).toMatchObject({
		status: 'success',
		retryOf: id,
	});
	await expect(apiOf().retry(retriedAs)).rejects.toMatchObject({
		code: 'NOT_RETRIED',
		message: expect.stringContaining('409') as string,
	});
});

it('knows the id of a run that outlasts its answer, and stops that run', async () => {
	const id = await failedExecution({ key: 'long', ms: 60_000 });
	const api = apiOf({ answerTimeoutMs: 1_000 });
	const retriedAs = await api.retry(id);
	expect(await started.n8n.client.execution(retriedAs)).toMatchObject({
		status: 'running',
		retryOf: id,
	});
	await api.stop(retriedAs);
	expect(await started.n8n.client.waitForExecution(retriedAs)).toMatchObject({
		status: 'canceled',
	});
	expect((await statsOf(started.api, 'flaky')).long).toMatchObject({ calls: 2 });
});

it('calls a webhook, and tells what it answers', async () => {
	await call({ key: 'webhook', ms: 0 });
	const answer = await call({ key: 'webhook', ms: 200 });
	expect(answer.status).toBe(200);
	expect(JSON.parse(answer.body)).toMatchObject({ key: 'webhook', ms: 200 });
	expect(answer.durationMs).toBeGreaterThanOrEqual(200);
	expect(await call({}, 'nowhere')).toMatchObject({ status: 404 });
	for (const path of ['', '../rest/settings', 'a/./b'])
		await expect(call({}, path)).rejects.toMatchObject({ code: 'N8N_REFUSED' });
});

it('says why the API cannot be asked', async () => {
	await expect(apiOf().check()).resolves.toBeUndefined();
	const closed = `http://127.0.0.1:${await freePort()}`;
	for (const [api, problem] of [
		[apiOf({ apiKey: undefined }), /No key/],
		[apiOf({ apiKey: 'planted' }), /^n8n answered 401: /],
		[apiOf({ url: closed }), /ECONNREFUSED/],
		[apiOf({ url: started.api.url }), /^n8n answered 404$/],
	] as const)
		await expect(api.check()).rejects.toMatchObject({
			code: 'SOURCE_UNAVAILABLE',
			message: expect.stringMatching(problem),
		});
});

it("reads main's metrics, and says whom it does not reach", async () => {
	const closed = `http://127.0.0.1:${await freePort()}`;
	const before = Date.now();
	const places = [
		{ url: started.n8n.url, type: 'main' },
		{ url: started.api.url, type: 'worker' },
		{ url: closed, type: 'worker' },
	] as const;
	const view = new HttpProcessMetrics(places, systemClock);
	expect(await view.processes()).toEqual([
		{
			url: started.n8n.url,
			type: 'main',
			isReady: true,
			hasMetrics: true,
			cpuSeconds: expect.any(Number),
			residentBytes: expect.any(Number),
			heapUsedBytes: expect.any(Number),
			eventLoopLagP99Ms: expect.any(Number),
			startedAt: expect.any(Number),
			isLeader: true,
			version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
			webhookRequests: {
				total: expect.any(Number),
				failed: expect.any(Number),
				p95Ms: expect.any(Number),
			},
			clock: { aheadMs: expect.any(Number), withinMs: expect.any(Number) },
		},
		expect.objectContaining({ isReady: false, notReadyBecause: expect.stringMatching(/^404/) }),
		{ url: closed, type: 'worker', unreachable: expect.stringContaining('ECONNREFUSED') },
	]);
	const [main] = await view.processes();
	expect(main).toMatchObject({ webhookRequests: { failed: expect.any(Number) } });
	expect((main as { startedAt: number }).startedAt).toBeLessThan(before);
});

it("lets n8n's own MCP Client node call the MCP server from a workflow", async () => {
	const server = await startMcpServer({ BULWARK_N8N_URL: started.n8n.url });
	const token = await server.token('viewer');
	knowSecret('a token', token);
	const credential = await started.n8n.client.connection.rest<{ id: string }>(
		'POST',
		'/credentials',
		{ name: 'Bulwark', type: 'httpBearerAuth', data: { token } },
	);
	await started.n8n.importWorkflows(
		straightWorkflow(
			'asks the MCP server',
			{
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2.1,
				webhookId: 'asks',
				parameters: { path: 'asks', responseMode: 'lastNode', options: {} },
			},
			{
				name: 'MCP Client',
				type: '@n8n/n8n-nodes-langchain.mcpClient',
				typeVersion: 1.1,
				parameters: {
					serverTransport: 'httpStreamable',
					endpointUrl: server.url,
					authentication: 'bearerAuth',
					tool: { __rl: true, mode: 'id', value: 'lint_configuration' },
					inputMode: 'json',
					jsonInput: '{}',
				},
				credentials: { httpBearerAuth: { id: credential.id, name: 'Bulwark' } },
			},
		),
	);
	const answer = await started.n8n.client.callWebhook('asks');
	const body = JSON.stringify(await answer.json());
	await server.stop();
	expect([answer.status, body]).toEqual([200, expect.stringContaining('findings')]);
});

it('says which of a synthetic check that never ends, and of one that is not chosen or not published', async () => {
	const { n8n } = started;
	const [workflow] = await n8n.importWorkflows(
		straightWorkflow(
			'endless',
			{
				...{ name: 'Webhook', type: 'n8n-nodes-base.webhook', typeVersion: 2.1 },
				...{ webhookId: 'endless', parameters: { path: 'endless', responseMode: 'lastNode' } },
			},
			{
				...{ name: 'Wait', type: 'n8n-nodes-base.wait', typeVersion: 1.1, webhookId: 'wait' },
				parameters: { amount: 60, unit: 'seconds' },
			},
		),
	);
	const server = await startMcpServer({
		...{ DB_TYPE: 'sqlite', N8N_USER_FOLDER: n8n.userFolder, BULWARK_N8N_URL: n8n.url },
	});
	const client = await connectModern(server.url, await server.token('operator'));
	const asked = { workflowId: workflow!.id, timeoutSeconds: 2 };
	expect(await client.call('run_synthetic_check', asked)).toMatchObject({
		isError: true,
		text: expect.stringContaining('has no tag "bulwark:synthetic-check"') as string,
	});
	await tagWorkflow(n8n.client, workflow!.id, 'bulwark:synthetic-check');
	// n8n answers 404 for a moment after it has published a webhook.
	const { structured } = await pollUntil(
		async () => {
			const answer = await client.call('run_synthetic_check', asked);
			return answer.text.includes('(404)') ? undefined : answer;
		},
		{ what: 'the webhook', timeoutMs: 15_000 },
	);
	expect(structured).toMatchObject({
		verdict: 'timed out',
		problem: {
			says: expect.stringMatching(/"timeoutSeconds" is 2, .* did not end: it is running/) as string,
			remedy: expect.stringMatching(/Raise timeoutSeconds/) as string,
		},
	});
	await n8n.client.stopExecution(structured.executionId as string);
	await n8n.client.unpublish(workflow!.id);
	expect(await client.call('run_synthetic_check', asked)).toMatchObject({
		isError: true,
		text: expect.stringMatching(/^INVALID_OPTION: "workflowId" is "\S+": .* Publish it/) as string,
	});
	await client.close();
	await server.stop();
});

it('what died with n8n in regular mode is named, and retried once', async () => {
	const { n8n } = started;
	const service = await startHoldingService();
	const node = (name: string, type: string, typeVersion: number, parameters: object) => ({
		...{ name, type: `n8n-nodes-base.${type}`, typeVersion, parameters: { ...parameters } },
	});
	const path = 'dies';
	const [workflow] = await n8n.importWorkflows(
		straightWorkflow(
			'dies with n8n',
			{
				...node('Webhook', 'webhook', 2.1, { path, httpMethod: 'POST', options: {} }),
				webhookId: path,
			},
			// n8n replaces what it had put out by a stand-in, when it marks the execution as crashed.
			node('Before', 'noOp', 1, {}),
			node('Work', 'httpRequest', 4.2, {
				url: `=${service.url}/work?execution={{ $("Before").first().json.body.key }}`,
			}),
		),
	);
	await tagWorkflow(n8n.client, workflow!.id, 'bulwark:run-again');
	const settings = configSchema.parse({
		n8n: { url: n8n.url, apiKey },
		database: { type: 'sqlite', file: join(n8n.userFolder, '.n8n', 'database.sqlite') },
	});
	const calls = () => service.calls.get('dies');
	await n8n.client.callWebhook(path, {
		method: 'POST',
		body: JSON.stringify({ key: 'dies' }),
		headers: { 'content-type': 'application/json' },
	});
	await until(() => calls() === 1);
	// n8n tells by the second when it began: one that began within that second may be its own.
	await sleep(2_000);
	const executionId = (await n8n.client.executions(workflow!.id))[0]!.id;
	await n8n.restart('crash');
	service.release();

	const server = await startMcpServer({}, settings);
	const client = await connectModern(server.url, await server.token('operator'), 'yes');
	const { structured } = await client.call('find_lost_executions');
	expect(structured.lost).toEqual([
		expect.objectContaining({ executionId, loss: 'died with its worker', isSurelyDead: true }),
	]);
	const { structured: plan } = await client.call('plan_recovery');
	expect(plan.steps).toEqual([expect.objectContaining({ action: 'retry' })]);
	const { structured: applied } = await client.call('apply_plan', { planId: plan.planId });
	expect(applied.steps).toEqual([expect.objectContaining({ outcome: 'done' })]);
	const { structured: listed } = await client.call('list_recoveries');
	const [{ retriedAs }] = listed.recoveries as [{ retriedAs: string }];
	expect(await n8n.client.waitForExecution(retriedAs)).toMatchObject({ status: 'success' });
	// Who asks within two seconds after others is told what they were.
	const isNothingLost = async () =>
		(await client.call('find_lost_executions')).structured.lost.length === 0 || undefined;
	await pollUntil(isNothingLost, { what: 'that nothing is lost', timeoutMs: 10_000 });
	expect(calls()).toBe(2);
	await client.close();
	await server.stop();
	service.close();
});
