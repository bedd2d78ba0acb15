import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { definePolicy } from '../../core/policies/define';
import type { PolicyDefinition } from '../../core/ports';
import { BulwarkTrigger } from '../../nodes/BulwarkTrigger/BulwarkTrigger.node';
import { closeStacks } from '../../nodes/shared/stack';
import { openStore, standalone, type OpenStore } from '../support/open-store';
import { startRedis, type RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { startTrigger, type RunningTrigger } from '../support/workflow-harness';

let server: RedisServer;
/** A worker whose steps use policies. */
let worker: OpenStore;
const running: RunningTrigger[] = [];

beforeEach(async () => {
	server = await startRedis();
	worker = openStore(standalone(server.port));
});

afterEach(async () => {
	await Promise.all(running.splice(0).map((trigger) => trigger.close()));
	await closeStacks();
	worker.close();
	await server.stop();
});

interface Start {
	readonly events?: readonly string[];
	readonly options?: INodeParameters;
	readonly saved?: unknown;
	readonly mode?: 'manual' | 'trigger';
	readonly parameters?: INodeParameters;
}

async function activate({
	events = ['circuit-breaker', 'bulkhead', 'source'],
	options = {},
	saved,
	mode,
	parameters: more = {},
}: Start = {}) {
	const parameters = {
		state: 'redis',
		events: [...events],
		options: { intervalMs: 1_000, ...options },
		...more,
	};
	const credentials = { redis: { id: '1', name: 'Redis' } };
	const trigger = await startTrigger(
		{
			nodes: [{ name: 'Trigger', type: 'bulwarkTrigger', parameters, credentials }],
			connections: [],
			nodeTypes: { bulwarkTrigger: new BulwarkTrigger() },
			credentials: { redis: { host: '127.0.0.1', port: server.port, database: 0 } },
		},
		{ mode, saved },
	);
	running.push(trigger);
	return trigger;
}

const told = ({ starts }: RunningTrigger): IDataObject[] => starts.flat().map(({ json }) => json);
const summaries = (trigger: RunningTrigger) => told(trigger).map(({ summary }) => summary);

async function used<Policy extends PolicyDefinition>(policy: Policy): Promise<Policy> {
	await worker.registry.note(policy, { id: '1', title: 'a step' });
	return policy;
}

const breaker = async (name: string) => await used(definePolicy('circuit-breaker', name));

const isolated = 'Circuit breaker "payments" was closed and is isolated';
const closed = 'Circuit breaker "payments" was isolated and is closed';

it('starts the workflow once for each change of a breaker, and not again after a restart', async () => {
	const payments = await breaker('payments');
	const first = await activate();
	await worker.store.override(payments, '', 'isolate');
	await until(() => first.starts.length > 0);
	expect(told(first)).toMatchObject([
		{
			type: 'breaker-changed',
			summary: isolated,
			subject: { kind: 'circuit-breaker', title: 'circuit breaker "payments"' },
			before: 'closed',
			after: 'isolated',
			evidence: { name: 'payments', key: '', state: 'isolated' },
		},
	]);
	expect(told(first)[0]!.at).toMatch(/^\d{4}-.*Z$/);
	await first.close();

	const second = await activate({ saved: first.saved() });
	await worker.store.override(await breaker('stock'), '', 'isolate');
	await until(() => second.starts.length > 0);
	expect(summaries(second)).toEqual(['Circuit breaker "stock" was closed and is isolated']);
	await second.close();

	// What changes while nobody looks is told when somebody looks again.
	await worker.store.override(payments, '', 'close');
	const third = await activate({ saved: second.saved() });
	await until(() => third.starts.length > 0);
	expect(summaries(third)).toEqual([closed]);
	expect(told(third)[0]!.lastedMs).toBeGreaterThan(0);
});

it('tells what is out of order when it is activated', async () => {
	await worker.store.override(await breaker('payments'), '', 'isolate');
	const trigger = await activate();
	await until(() => trigger.starts.length > 0);
	expect(summaries(trigger)).toEqual([isolated]);
});

it('tells of a saturated bulkhead, and of its relief where that is wanted', async () => {
	const mail = await used(
		definePolicy('bulkhead', 'mail', { maxConcurrentCalls: 1, maxWaitDurationMs: 0 }),
	);
	const [brief, full] = await Promise.all([activate(), activate({ options: { whenOver: true } })]);
	const admission = await worker.store.admit(worker.request([mail], 60_000));
	if (admission.status !== 'granted') throw new Error('There should be a free slot');
	await until(() => brief.starts.length > 0 && full.starts.length > 0);
	await worker.store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
	await until(() => full.starts.length > 1);
	expect(told(full).map(({ type }) => type)).toEqual(['bulkhead-saturated', 'bulkhead-relieved']);
	expect(told(brief)).toMatchObject([
		{ type: 'bulkhead-saturated', evidence: { limit: 1, holders: 1, queued: 0 } },
	]);
});

it('tells that Redis is lost only where that is wanted, and takes nothing for closed meanwhile', async () => {
	const payments = await breaker('payments');
	await worker.store.override(payments, '', 'isolate');
	const options = { whenOver: true };
	const [all, breakers] = await Promise.all([
		activate({ options }),
		activate({ options, events: ['circuit-breaker'] }),
	]);
	await until(() => all.starts.length > 0 && breakers.starts.length > 0);
	await server.stop();
	await until(() => all.starts.length > 1);
	expect(told(all)[1]).toMatchObject({
		type: 'source-lost',
		subject: { id: 'policies' },
		evidence: { why: expect.stringContaining('Redis') as string },
	});
	server = await startRedis({ port: String(server.port) });
	await until(() => all.starts.length > 2);
	// An empty Redis has no breaker that is isolated.
	await until(() => breakers.starts.length > 1);
	expect(told(all)[2]).toMatchObject({ type: 'source-back' });
	expect(told(all)[2]!.lastedMs).toBeGreaterThan(0);
	expect(summaries(breakers)).toEqual([isolated, closed]);
});

it('shows whoever builds a workflow what is out of order now, else a sample of each event', async () => {
	const show = async () => {
		const trigger = await activate({ mode: 'manual', events: ['circuit-breaker', 'bulkhead'] });
		await trigger.response.manualTriggerFunction!();
		return told(trigger);
	};
	expect(await show()).toMatchObject([
		{ type: 'breaker-changed', isSample: true },
		{ type: 'bulkhead-saturated', isSample: true },
	]);
	await worker.store.override(await breaker('payments'), '', 'isolate');
	const [real, ...others] = await show();
	expect(others).toEqual([]);
	expect(real).toMatchObject({ summary: isolated });
	expect(real).not.toHaveProperty('isSample');
	await server.stop();
	await expect(show()).rejects.toThrow(/Redis/);
});

it('shows whoever builds a workflow which executions are lost, though it looks but once', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'bulwark-trigger-'));
	process.env.N8N_RESTRICT_FILE_ACCESS_TO = folder;
	process.env.N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES = 'false';
	const databaseFile = path.join(folder, 'n8n.sqlite');
	const tables = new DatabaseSync(databaseFile);
	tables.exec(`PRAGMA journal_mode = WAL;
		CREATE TABLE execution_entity (id INTEGER PRIMARY KEY, "workflowId" TEXT, mode TEXT, status TEXT, "createdAt" TEXT,
			"startedAt" TEXT, "stoppedAt" TEXT, "waitTill" TEXT, "retryOf" TEXT, "retrySuccessId" TEXT, "deletedAt" TEXT);
		CREATE TABLE execution_data ("executionId" INTEGER PRIMARY KEY, data TEXT);
		INSERT INTO execution_entity (id, "workflowId", mode, status, "createdAt", "waitTill")
			VALUES (7, 'w', 'webhook', 'waiting', '2026-01-01 00:00:00.000', '2026-01-01 01:00:00.000')`);
	const trigger = await activate({
		...{ mode: 'manual', events: ['execution'] },
		parameters: { database: 'sqlite', databaseFile },
		options: { isQueueMode: false },
	});
	await trigger.response.manualTriggerFunction!();
	expect(told(trigger)).toMatchObject([
		{ type: 'execution-lost', evidence: { executionId: '7', loss: 'waits past its time' } },
	]);
	expect(told(trigger)[0]).not.toHaveProperty('isSample');
	await closeStacks();
	tables.close();
	delete process.env.N8N_RESTRICT_FILE_ACCESS_TO;
	delete process.env.N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES;
	await rm(folder, { recursive: true });
});

it('does not begin where it could never tell what it is asked to', async () => {
	await expect(activate({ events: ['execution'] })).rejects.toThrow('"Database" is "none"');
	const slow = { events: ['worker'], options: { intervalMs: 60_000 } };
	await expect(activate(slow)).rejects.toThrow('"Interval (ms)" is 60000: too long');
	const without = { events: ['worker'], options: { isQueueMode: false } };
	await expect(activate(without)).rejects.toThrow('without the Redis of the queue');
});

it('does not begin without an event to tell of', async () => {
	await expect(activate({ events: [] })).rejects.toThrow('"Events" is a list: no event is chosen');
});
