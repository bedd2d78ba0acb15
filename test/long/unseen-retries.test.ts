import { Secret } from '../../mcp-server/config/secret';
import { startHoldingService, type HoldingService } from '../support/holding-service';
import { connectModern, type TestClient } from '../support/mcp/mcp-clients';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';
import { startN8nInstance, type N8nInstance } from '../support/n8n-instance';
import { sqliteOf } from '../support/n8n-database';
import { straightWorkflow } from '../support/straight-workflow';
import { tagWorkflow } from '../support/tag-workflow';
import { until } from '../support/until';
import { callOf } from '../support/worked-stack';

/** Of those that succeed n8n keeps nothing, unless their workflow says otherwise. */
const N8N_ENV = {
	EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none',
	N8N_METRICS: 'true',
	N8N_EXPRESSION_ENGINE: 'legacy',
};

type Workload = 'unkept' | 'kept';

let service: HoldingService;
let n8n: N8nInstance;
let database: ReturnType<typeof sqliteOf>;
let server: TestMcpServer;
let client: TestClient;

beforeAll(async () => {
	service = await startHoldingService();
	n8n = await startN8nInstance({ env: N8N_ENV });
	database = sqliteOf(n8n.userFolder);
	for (const name of ['unkept', 'kept'] satisfies Workload[]) {
		const webhook = {
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: name,
			parameters: { path: name, options: {} },
		};
		const workflow = straightWorkflow(name, webhook, callOf(service.url, name));
		if (name === 'kept')
			workflow.settings = { ...workflow.settings, saveDataSuccessExecution: 'all' };
		const [stored] = await n8n.importWorkflows(workflow);
		await tagWorkflow(n8n.client, stored!.id, 'bulwark:run-again');
	}
	const apiKey = new Secret(await n8n.client.createApiKey('recovery'));
	server = await startMcpServer(N8N_ENV, {
		n8n: { url: n8n.url, apiKey },
		database: database.settings,
	});
	client = await connectModern(server.url, await server.token('operator'), 'yes');
});

afterAll(async () => {
	await client?.close();
	await server?.stop();
	service?.close();
	await database?.stop();
	await n8n?.stop();
});

async function call(tool: string, given: Record<string, unknown> = {}) {
	const { isError, text, structured } = await client.call(tool, given);
	if (isError) throw new Error(text);
	return structured;
}

/** The executions that call the service now, besides those that did before. */
async function begun(before: ReadonlySet<string>, count: number): Promise<string[]> {
	const all = () => [...service.held].filter((id) => !before.has(id));
	await until(() => all().length === count);
	return all();
}

async function begin(workload: Workload): Promise<string> {
	const before = service.held;
	await n8n.client.callWebhook(workload);
	const [id] = await begun(before, 1);
	return id!;
}

/** As by the button in n8n's editor. @returns the id of the retry, once that has ended with success. */
async function retryByHand(id: string): Promise<string> {
	const before = service.held;
	const answer = n8n.client.connection.publicApi('POST', `/executions/${id}/retry`);
	const [retry] = await begun(before, 1);
	expect(await planOf([id])).toMatchObject([
		{ action: 'leave', reason: expect.stringContaining(`execution ${retry} tries it again`) },
	]);
	service.release([retry!]);
	await answer;
	return retry!;
}

/** By somebody who knows that n8n's process has ended, which else may take minutes to end. */
const plan = async (more: Record<string, unknown> = {}) =>
	await call('plan_recovery', { silentWorkers: 'are dead', ...more });

async function planOf(executionIds: readonly string[], more: Record<string, unknown> = {}) {
	const { steps } = await plan({ executionIds, ...more });
	return steps as ReadonlyArray<{ readonly action: string; readonly reason: string }>;
}

/** Undefined where n8n has deleted it: it takes what is deleted away some minutes later. */
async function statusOf(id: string): Promise<unknown> {
	const sql = 'SELECT status FROM execution_entity WHERE id = ? AND "deletedAt" IS NULL';
	return (await database.run(sql, [id]))[0]?.status;
}

const NOT_KNOWN = [
	{ action: 'leave', reason: expect.stringContaining('unseenRetries "are none"') },
];

it('what somebody may have retried with success is not run a second time, unless somebody says that nobody has', async () => {
	const [retried, untouched] = [await begin('unkept'), await begin('unkept')];
	const [seenRetried, seenUntouched] = [await begin('kept'), await begin('kept')];
	const all = [retried, untouched, seenRetried, seenUntouched];
	await n8n.restart('crash');
	await until(async () => {
		const { lost } = await call('find_lost_executions');
		return lost.length === all.length;
	});
	for (const id of all) expect(await statusOf(id)).toBe('crashed');

	const unseen = await retryByHand(retried);
	await until(async () => (await statusOf(unseen)) === undefined);
	const seen = await retryByHand(seenRetried);
	await until(async () => (await statusOf(seen)) === 'success');

	// By default: nothing tells of the first two, and all of the others.
	expect(await planOf([retried])).toMatchObject(NOT_KNOWN);
	expect(await planOf([untouched])).toMatchObject(NOT_KNOWN);
	expect(await planOf([seenRetried])).toEqual([]);
	expect(await planOf([seenUntouched])).toMatchObject([{ action: 'retry' }]);
	const { planId } = await plan();
	service.release();
	const { steps } = await call('apply_plan', { planId });
	const outcomes = steps.map((step: { subject: string; outcome: string }) => [
		step.subject.split(' ')[1],
		step.outcome,
	]);
	expect(new Map(outcomes)).toEqual(
		new Map([
			[retried, 'left'],
			[untouched, 'left'],
			[seenUntouched, 'done'],
		]),
	);

	// Somebody knows of one that nobody has retried it.
	const told = { executionIds: [untouched], unseenRetries: 'are none' };
	const planned = await plan(told);
	expect(planned.steps).toMatchObject([{ action: 'retry' }]);
	const applied = await call('apply_plan', { planId: planned.planId });
	expect(applied.steps).toMatchObject([{ outcome: 'done' }]);
	const { recoveries } = await call('list_recoveries');
	const again = new Map<string, string>(
		recoveries.map((one: Record<string, string>) => [one.executionId, one.retriedAs]),
	);
	await until(async () => (await statusOf(again.get(untouched)!)) === undefined);
	// Our own retry leaves nothing either.
	expect(await planOf([untouched], { unseenRetries: 'are none' })).toMatchObject([
		{ action: 'leave', reason: expect.stringContaining('it was brought back already') },
	]);
	expect(service.calls).toEqual(
		new Map([...all, unseen, seen, ...again.values()].map((id) => [id, 1])),
	);
	expect([...again.keys()].toSorted()).toEqual([untouched, seenUntouched].toSorted());
});
