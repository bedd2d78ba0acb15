import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import { sha256 } from '../../adapters/system';
import { checkChain } from '../../core/audit';
import { definePolicy } from '../../core/policies/define';
import { BulwarkOperations } from '../../nodes/BulwarkOperations/BulwarkOperations.node';
import { policiesOfProcess } from '../../nodes/shared/services';
import { closeStacks } from '../../nodes/shared/stack';
import { jobData, jobOptions, openBull } from '../support/bull';
import { localAddress, openStore, standalone, type OpenStore } from '../support/open-store';
import { startRedis, type RedisServer } from '../support/redis-server';
import { runWorkflow } from '../support/workflow-harness';

let server: RedisServer;
/** A worker whose steps use policies. */
let worker: OpenStore;
let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-nodes-'));
	process.env.BULWARK_STATE_FOLDER = folder;
	server = await startRedis();
	worker = openStore(standalone(server.port));
});

afterAll(async () => {
	await closeStacks();
	worker.close();
	await server.stop();
	await rm(folder, { recursive: true });
	delete process.env.BULWARK_STATE_FOLDER;
});

const breaker = definePolicy('circuit-breaker', 'payments');
const place = { id: 'workflow/node', title: '"Circuit Breaker" of workflow "Orders"' };

interface Run {
	readonly parameters: INodeParameters;
	readonly items?: readonly IDataObject[];
	readonly node?: Partial<INode>;
}

async function run({ parameters, items, node }: Run) {
	return await runWorkflow({
		nodes: [
			{
				name: 'Operations',
				type: 'bulwarkOperations',
				parameters: { state: 'redis', ...parameters },
				credentials: { redis: { id: '1', name: 'Redis' } },
				...node,
			},
		],
		connections: [],
		nodeTypes: { bulwarkOperations: new BulwarkOperations() },
		credentials: { redis: { host: '127.0.0.1', port: server.port, database: 0 } },
		items,
	});
}

/** What the node gives for an operation. */
async function ask(resource: string, operation: string, parameters: INodeParameters = {}) {
	const finished = await run({ parameters: { resource, operation, ...parameters } });
	if (finished.error) throw new Error(finished.error.message);
	return finished.json('Operations');
}

const payments = { kind: 'circuit-breaker', name: 'payments' };

it('lists policies of all workers with their state, and inspects one', async () => {
	await worker.registry.note(breaker, place);
	await worker.registry.note(definePolicy('bulkhead', 'mail'), place);
	await worker.store.override(breaker, '', 'isolate');
	const listed = await ask('policy', 'getAll', { returnAll: true });
	expect(listed).toMatchObject([
		{ kind: 'bulkhead', name: 'mail', state: null, definedBy: [place.title], conflicts: [] },
		{ ...payments, state: 'isolated', options: { failureRateThreshold: 25 } },
	]);
	expect(await ask('policy', 'getAll', { limit: 1 })).toHaveLength(1);
	expect(await ask('policy', 'getAll', { onlyKind: 'circuit-breaker' })).toHaveLength(1);
	const since = expect.stringMatching(/^\d{4}-.+Z$/) as string;
	const troubles = [{ key: '', trouble: 'isolated', since }];
	expect(await ask('policy', 'getAll', { onlyTroubled: true })).toMatchObject([
		{ ...payments, state: 'isolated', since, troubles },
	]);
	await worker.store.override(breaker, 'tenant', 'open');
	expect(await ask('policy', 'get', { ...payments, key: 'tenant' })).toMatchObject([
		{ ...payments, key: 'tenant', state: 'open', since, keys: expect.arrayContaining(['tenant']) },
	]);
	expect(await ask('policy', 'get', { ...payments, key: 'nobody' })).toMatchObject([
		{ state: null, since: null, figures: {} },
	]);
});

it('lists all policies though the state of one cannot be read', async () => {
	await worker.registry.note(breaker, place);
	await worker.registry.note(definePolicy('bulkhead', 'mail'), place);
	await worker.store.override(breaker, '', 'isolate');
	const key = 'bulwark:{p:payments}:circuit-breaker::state';
	await worker.connection.client.set(key, 'something else');
	expect(await ask('policy', 'getAll', { returnAll: true })).toMatchObject([
		{ kind: 'bulkhead', name: 'mail', state: null },
		{ ...payments, state: null, problem: expect.stringContaining('Reset') as string },
	]);
	const [plan] = await ask('policy', 'planOverride', { ...payments, change: 'reset' });
	await ask('plan', 'apply', { planId: plan!.planId as string });
	expect(await ask('policy', 'get', payments)).toMatchObject([{ state: null }]);
});

it('changes a policy for all workers by a plan that is applied once, and notes both', async () => {
	await worker.registry.note(breaker, place);
	await worker.store.override(breaker, '', 'isolate');
	const state = async () => (await worker.store.inspect({ ...breaker, key: '' }))?.state;
	const [plan] = await ask('policy', 'planOverride', { ...payments, change: 'close' });
	expect(plan).toMatchObject({
		summary: 'close circuit-breaker "payments"',
		steps: [{ action: 'close', reason: expect.stringContaining('isolated') as string }],
	});
	expect(await state()).toBe('isolated');
	const apply = { resource: 'plan', operation: 'apply', planId: '={{ $json.planId }}' };
	const applied = await run({ parameters: apply, items: [plan!] });
	expect(applied.json('Operations')).toMatchObject([
		{ planId: plan!.planId, steps: [{ outcome: 'done', detail: 'it is closed now' }] },
	]);
	expect(await state()).toBe('closed');
	const again = await run({ parameters: apply, items: [plan!] });
	expect(again.error).toMatchObject({
		message: 'The plan was applied already, or declined',
		description: expect.stringContaining('new plan') as string,
		context: { itemIndex: 0 },
	});

	const [log] = await readdir(path.join(folder, 'audit'));
	const [file] = (await readdir(path.join(folder, 'audit', log!))).filter((name) =>
		name.endsWith('.jsonl'),
	);
	const lines = (await readFile(path.join(folder, 'audit', log!, file!), 'utf8'))
		.trimEnd()
		.split('\n');
	expect(checkChain(lines, undefined, sha256)).toMatchObject({ isWhole: true });
	const noted = lines.map((line) => JSON.parse(line) as IDataObject);
	expect(noted.filter(({ planId }) => planId === plan!.planId)).toMatchObject([
		{
			who: { name: 'workflow "workflow" (workflow)', role: 'operator', via: 'workflow' },
			operation: 'plan: override policy',
			input: { ...payments, key: '', action: 'close' },
		},
		{ operation: 'apply plan', outcome: 'started' },
		{ operation: 'apply plan', outcome: 'done' },
		{ operation: 'apply plan', outcome: 'started' },
		{ operation: 'apply plan', outcome: 'refused' },
	]);
});

it('goes on after an item that cannot be had, where the user wants that, and says why', async () => {
	await worker.registry.note(breaker, place);
	const names = [{ name: 'payments' }, { name: 'paymints' }, { name: '' }];
	const parameters = {
		resource: 'policy',
		operation: 'get',
		kind: 'circuit-breaker',
		name: '={{ $json.name }}',
	};
	const stopped = await run({ parameters, items: names });
	expect(stopped.error).toMatchObject({
		message: 'There is no circuit-breaker named "paymints"',
		context: { itemIndex: 1 },
	});
	const went = await run({ parameters, items: names, node: { onError: 'continueErrorOutput' } });
	expect(went.json('Operations')).toMatchObject([{ name: 'payments' }]);
	expect(went.output('Operations', 1)).toMatchObject([
		{
			json: { details: { code: 'POLICY_UNKNOWN' } },
			pairedItem: { item: 1 },
		},
		{ json: { error: expect.stringContaining('"Name" is ""') as string } },
	]);
});

it('shows the queue, its workers and the health of it all, and says what is not known', async () => {
	const { queue, close } = openBull([localAddress(server.port)]);
	await queue.add(jobData('1'), jobOptions);
	expect(await ask('queue', 'get')).toMatchObject([{ pool: '', waiting: 1, active: 0 }]);
	await close();
	expect(await ask('worker', 'getAll')).toEqual([]);
	const [health] = await ask('health', 'get');
	expect(health).toMatchObject({
		components: expect.arrayContaining([
			{ component: 'database', status: 'unknown' },
			{ component: 'policies', status: expect.any(String) as string },
		]) as object[],
		unknowns: expect.arrayContaining([expect.objectContaining({ source: 'database' })]) as object[],
	});
	expect(await ask('health', 'lintConfiguration')).toMatchObject([{ mode: 'queue' }]);
	await expect(ask('worker', 'planHealing', { worker: 'nobody' })).rejects.toThrow(/"nobody"/);
});

it('takes no execution for well that nobody can look at', async () => {
	await expect(ask('execution', 'explain', { executionId: '1; DROP' })).rejects.toThrow(
		'not the ID of an execution',
	);
});

const QUEUE = 'Choose its Redis in the parameter Queue and Policies, and leave Queue Mode on';
const DATABASE = 'Choose it in the parameter Database';

it.each<[resource: string, operation: string, more: INodeParameters, remedy: string]>([
	['queue', 'get', {}, QUEUE],
	['worker', 'getAll', {}, QUEUE],
	['worker', 'planHealing', { worker: 'w' }, QUEUE],
	['execution', 'findLost', {}, DATABASE],
	['execution', 'explain', { executionId: '1' }, DATABASE],
	['health', 'auditSchedules', {}, DATABASE],
	['health', 'runSyntheticCheck', {}, 'Choose it in the parameter API'],
])('names the parameter that %s: %s lacks', async (resource, operation, more, remedy) => {
	const { error } = await run({ parameters: { state: 'process', resource, operation, ...more } });
	expect(error).toMatchObject({
		message: expect.stringMatching(/\bnot configured|^No .* configured/) as string,
		description: remedy,
	});
});

it('names the parameters of what health does not know', async () => {
	const [health] = await ask('health', 'get', { state: 'process' });
	const unknowns = health!.unknowns as Array<{ source: string; remedy: string }>;
	expect(unknowns.map(({ source, remedy }) => [source, remedy])).toEqual(
		expect.arrayContaining([
			['queue', QUEUE],
			['database', DATABASE],
		]),
	);
});

it('asks for a plan where it is given something else', async () => {
	const parameters = { resource: 'plan', operation: 'apply', planId: '={{ $json }}' };
	const { error } = await run({ parameters, items: [{ planId: '1' }] });
	expect(error).toMatchObject({
		message: expect.stringMatching(/^"Plan ID" is .*: not a text$/) as string,
		description: expect.stringMatching(/^Give the planId of an operation/) as string,
	});
});

it('looks at the policies of its own process where steps keep their state there', async () => {
	const own = definePolicy('circuit-breaker', 'own');
	await policiesOfProcess.registry.note(own, place);
	await policiesOfProcess.store.override(own, '', 'isolate');
	expect(await ask('policy', 'getAll', { state: 'process' })).toMatchObject([
		{ name: 'own', state: 'isolated' },
	]);
});

it('says what is wrong with a credential, and that Redis cannot be reached', async () => {
	const parameters = { state: 'redis', resource: 'policy', operation: 'getAll' };
	const node = { name: 'Operations', type: 'bulwarkOperations', parameters };
	const withRedis = async (redis: Record<string, string | number>, more: Partial<INode> = {}) =>
		await runWorkflow({
			nodes: [{ ...node, credentials: { redis: { id: '1', name: 'Redis' } }, ...more }],
			connections: [],
			nodeTypes: { bulwarkOperations: new BulwarkOperations() },
			credentials: { redis },
			items: [{}, {}],
		});
	const nowhere = { host: '', port: 6_379 };
	const noHost = '"Host" is "": not the name of a host';
	expect((await withRedis(nowhere)).error).toMatchObject({
		message: noHost,
		context: { itemIndex: 0 },
	});
	const went = await withRedis(nowhere, { onError: 'continueErrorOutput' });
	expect(went.output('Operations', 1)).toMatchObject(
		[0, 1].map((item) => ({ json: { error: noHost }, pairedItem: { item } })),
	);
	const closed = await withRedis({ host: '127.0.0.1', port: 1 });
	expect(closed.error).toMatchObject({ message: expect.stringContaining('Redis') as string });
	expect(closed.error).toMatchObject({ description: expect.any(String) as string });
});
