import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Redis } from 'ioredis';
import type { INodeParameters } from 'n8n-workflow';

import { isoTime } from '../../core/iso-time';
import { BulwarkOperations } from '../../nodes/BulwarkOperations/BulwarkOperations.node';
import { BulwarkTrigger } from '../../nodes/BulwarkTrigger/BulwarkTrigger.node';
import { closeStacks } from '../../nodes/shared/stack';
import { freePort } from '../support/free-port';
import { plantedSecret } from '../support/planted-secrets';
import { startRedis, type RedisServer } from '../support/redis-server';
import { runWorkflow, startTrigger } from '../support/workflow-harness';

const environment = { ...process.env };
let folder: string;
let file: string;
let server: RedisServer;

beforeAll(async () => {
	folder = await realpath(await mkdtemp(path.join(tmpdir(), 'bulwark-nodes-')));
	file = path.join(folder, 'n8n.sqlite');
	process.env.BULWARK_STATE_FOLDER = folder;
	process.env.N8N_RESTRICT_FILE_ACCESS_TO = folder;
	server = await startRedis();
});

afterAll(async () => {
	await closeStacks();
	await server.stop();
	await rm(folder, { recursive: true });
	process.env = environment;
});

/** What n8n saves of an execution that begins. */
const BEGINNING = '[{"executionData":"1"},{"nodeExecutionStack":"2"},["3"],{}]';

/** An execution that may be run again, and whose worker has ended, which is in n8n's registry still. */
async function loseAnExecution(): Promise<void> {
	const began = isoTime(Date.now() - 60_000);
	const database = new DatabaseSync(file);
	database.exec(`PRAGMA journal_mode = WAL;
		CREATE TABLE workflow_entity (id TEXT, name TEXT, nodes TEXT, settings TEXT, "activeVersionId" TEXT,
			"isArchived" INTEGER, "updatedAt" TEXT);
		CREATE TABLE workflow_history ("versionId" TEXT, nodes TEXT);
		CREATE TABLE workflow_published_version ("workflowId" TEXT, "publishedVersionId" TEXT, "updatedAt" TEXT);
		CREATE TABLE tag_entity (id TEXT, name TEXT);
		CREATE TABLE workflows_tags ("workflowId" TEXT, "tagId" TEXT);
		CREATE TABLE execution_data ("executionId" INTEGER, data TEXT);
		CREATE TABLE execution_entity (id INTEGER PRIMARY KEY, "workflowId" TEXT, mode TEXT, status TEXT,
			"retryOf" TEXT, "retrySuccessId" TEXT, "createdAt" TEXT, "startedAt" TEXT, "stoppedAt" TEXT,
			"waitTill" TEXT, "deletedAt" TEXT);
		INSERT INTO workflow_entity VALUES ('w', 'Orders', '[]', '{"bulwarkRunAgain":true}', NULL, 0, '${began}');
		INSERT INTO execution_entity (id, "workflowId", mode, status, "createdAt", "startedAt")
			VALUES (1, 'w', 'webhook', 'running', '${began}', '${began}');
		INSERT INTO execution_data VALUES (1, '${BEGINNING}')`);
	database.close();
	const redis = new Redis(server.port, '127.0.0.1');
	const entry = { instanceKey: 'a', hostId: 'worker-a', instanceType: 'worker', version: '2.41.1' };
	const times = { registeredAt: Date.now() - 300_000, lastSeen: Date.now() };
	await redis.set('n8n:{instance:}a', JSON.stringify({ ...entry, ...times }), 'PX', 60_000);
	await redis.sadd('n8n:{instance:}members', 'n8n:{instance:}a');
	redis.disconnect();
}

/** What both nodes are given. */
const given = (workerHealthUrls: string) => ({
	...{ state: 'redis', database: 'sqlite', databaseFile: file },
	options: { workerHealthUrls },
});

const common = () => ({
	connections: [],
	credentials: { redis: { host: '127.0.0.1', port: server.port, database: 0 } },
});

async function ask(parameters: INodeParameters) {
	const credentials = { redis: { id: '1', name: 'Redis' } };
	const finished = await runWorkflow({
		nodes: [{ name: 'Operations', type: 'bulwarkOperations', parameters, credentials }],
		nodeTypes: { bulwarkOperations: new BulwarkOperations() },
		...common(),
	});
	if (finished.error) throw finished.error;
	return finished.json('Operations');
}

async function activate(parameters: INodeParameters) {
	const credentials = { redis: { id: '1', name: 'Redis' } };
	const trigger = await startTrigger(
		{
			nodes: [{ name: 'Trigger', type: 'bulwarkTrigger', parameters, credentials }],
			nodeTypes: { bulwarkTrigger: new BulwarkTrigger() },
			...common(),
		},
		{ mode: 'manual' },
	);
	await trigger.response.manualTriggerFunction!();
	return trigger.starts.flat().map(({ json }) => json);
}

it('brings back what died with its worker where nobody listens at the health check of any, and not without', async () => {
	await loseAnExecution();
	const nobody = `http://127.0.0.1:${await freePort()}`;
	const plan = { resource: 'execution', operation: 'planRecovery', executionIds: '1' };
	const [[without], [withAll]] = await Promise.all([
		ask({ ...plan, ...given('') }),
		ask({ ...plan, ...given(nobody) }),
	]);
	expect(without!.steps).toMatchObject([
		{
			action: 'leave',
			reason: expect.stringContaining('"Worker Health URLs" of a node') as string,
		},
	]);
	expect(withAll!.steps).toMatchObject([{ action: 'enqueue again' }]);
	const [told] = await activate({ events: ['execution'], ...given(nobody) });
	expect(told).toMatchObject({
		type: 'execution-lost',
		evidence: { loss: 'died with its worker' },
	});
});

const secret = plantedSecret('address');

it.each([
	['without http', 'worker-1:5678', '"Worker Health URLs, entry 1" is "worker-1:5678"'],
	['of ftp', 'http://a:1, ftp://b', '"Worker Health URLs, entry 2" is "ftp://b"'],
	['with a password', `http://a:1,http://c:${secret}@b:1`, 'entry 2" is not shown'],
	['with a comma in a password', `http://c:,${secret}@b:1`, 'entry 2" is not shown'],
	['twice', 'http://a:1 http://a:1/', 'stands in it twice'],
])('both nodes refuse an address of a health check %s, and show no password', async (...one) => {
	const [, urls, problem] = one;
	const operation = { resource: 'health', operation: 'get', ...given(urls) };
	const trigger = { events: ['worker'], ...given(urls) };
	for (const use of [() => ask(operation), () => activate(trigger)]) {
		const { message } = await use().then(
			() => new Error('taken'),
			(error: Error) => error,
		);
		expect(message).toContain(problem);
		expect(message).not.toContain(secret);
	}
});
