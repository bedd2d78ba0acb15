import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { FileRecoveryRecords } from '../../adapters/files';
import { systemClock } from '../../adapters/system';
import { CHECK_TAG } from '../../core/health';
import { isoTime } from '../../core/iso-time';
import type { RecoveryRecord } from '../../core/ports';
import { BulwarkOperations } from '../../nodes/BulwarkOperations/BulwarkOperations.node';
import { recoveriesFile } from '../../nodes/shared/stack/bulwark-folder';
import { closeStacks } from '../../nodes/shared/stack';
import { runWorkflow } from '../support/workflow-harness';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let folder: string;
let n8n: Server;
const called: string[] = [];

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-nodes-'));
	process.env.BULWARK_STATE_FOLDER = folder;
	// Before n8n is asked for the first time which files nodes may read.
	process.env.N8N_RESTRICT_FILE_ACCESS_TO = folder;
	// The one webhook of this n8n is that of the prebuilt check.
	n8n = createServer((request, response) => {
		called.push(request.url!);
		let body = '';
		request.on('data', (chunk) => (body += String(chunk)));
		request.on('end', () =>
			response.end(JSON.stringify({ ...JSON.parse(body || '{}'), executionId: '7' })),
		);
	});
	await new Promise<void>((resolve) => n8n.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
	await closeStacks();
	n8n.closeAllConnections();
	await new Promise((resolve) => n8n.close(resolve));
	await rm(folder, { recursive: true });
	delete process.env.BULWARK_STATE_FOLDER;
	delete process.env.N8N_RESTRICT_FILE_ACCESS_TO;
});

/** What the node gives for an operation. */
async function ask(resource: string, operation: string, parameters: INodeParameters = {}) {
	const { port } = n8n.address() as AddressInfo;
	const finished = await runWorkflow({
		nodes: [
			{
				name: 'Operations',
				type: 'bulwarkOperations',
				parameters: { resource, operation, ...parameters },
				credentials: { n8nApi: { id: '1', name: 'n8n' } },
			},
		],
		connections: [],
		nodeTypes: { bulwarkOperations: new BulwarkOperations() },
		credentials: { n8nApi: { baseUrl: `http://127.0.0.1:${port}/api/v1`, apiKey: 'key' } },
	});
	if (finished.error) throw new Error(finished.error.message);
	return finished.json('Operations');
}

/** As much of n8n's tables as is asked here. */
function openTables(): DatabaseSync {
	const database = new DatabaseSync(path.join(folder, 'n8n.sqlite'));
	database.exec(`PRAGMA journal_mode = WAL;
		CREATE TABLE IF NOT EXISTS workflow_entity (id TEXT, name TEXT, nodes TEXT, settings TEXT,
			"activeVersionId" TEXT, "isArchived" INTEGER, "updatedAt" TEXT);
		CREATE TABLE IF NOT EXISTS workflow_history ("versionId" TEXT, nodes TEXT);
		CREATE TABLE IF NOT EXISTS workflow_published_version ("workflowId" TEXT, "publishedVersionId" TEXT, "updatedAt" TEXT);
		CREATE TABLE IF NOT EXISTS tag_entity (id TEXT, name TEXT);
		CREATE TABLE IF NOT EXISTS workflows_tags ("workflowId" TEXT, "tagId" TEXT);
		CREATE TABLE IF NOT EXISTS execution_entity (id INTEGER PRIMARY KEY, "workflowId" TEXT, mode TEXT, status TEXT,
			"createdAt" TEXT, "startedAt" TEXT, "stoppedAt" TEXT, "deletedAt" TEXT)`);
	return database;
}

const database = () => ({ database: 'sqlite', databaseFile: path.join(folder, 'n8n.sqlite') });

function addWorkflow(tables: DatabaseSync, id: string, node: object): void {
	const sql = `INSERT INTO workflow_entity VALUES (?, ?, ?, '{}', 'v', 0, ?)`;
	const published = isoTime(Date.now() - 3 * HOUR);
	tables.prepare(sql).run(id, id, JSON.stringify([{ id: 'n', name: 'Begin', ...node }]), published);
}

it('audits the schedules of all workflows, as many as are asked for', async () => {
	process.env.GENERIC_TIMEZONE = 'UTC';
	const tables = openTables();
	for (const [id, expression] of [
		['every-10', '*/10 * * * *'],
		['spoken', '={{ $vars.often }}'],
	] as const)
		addWorkflow(tables, id, {
			type: 'n8n-nodes-base.scheduleTrigger',
			parameters: { rule: { interval: [{ field: 'cronExpression', expression }] } },
		});
	const latest = Math.floor(Date.now() / (10 * MINUTE)) * 10 * MINUTE;
	const due = Array.from({ length: 13 }, (_, count) => latest + (count - 12) * 10 * MINUTE);
	const add = tables.prepare(
		`INSERT INTO execution_entity ("workflowId", mode, status, "createdAt") VALUES ('every-10', 'trigger', 'success', ?)`,
	);
	for (const at of due.toSpliced(7, 1)) add.run(isoTime(at));
	tables.close();
	const asked = { ...database(), windowMinutes: 120 };
	expect(await ask('health', 'auditSchedules', { ...asked, returnAll: true })).toMatchObject([
		{ workflowId: 'every-10', verdict: 'missed', missed: [isoTime(due[7]!)], missedCount: 1 },
		{ workflowId: 'spoken', verdict: 'cannot tell', cannotTell: ['its rules hold an expression'] },
	]);
	expect(await ask('health', 'auditSchedules', { ...asked, limit: 1 })).toHaveLength(1);
	await expect(ask('health', 'auditSchedules')).rejects.toThrow('nothing is known of schedules');
	delete process.env.GENERIC_TIMEZONE;
});

it('runs a synthetic check, of workflows only that are chosen for it, and notes it', async () => {
	const check = { api: 'n8nApi', timeoutSeconds: 5 };
	expect(await ask('health', 'runSyntheticCheck', check)).toMatchObject([
		{ verdict: 'passed', executionId: '7', problem: null, hops: [{ name: 'called' }, {}] },
	]);
	expect(called).toEqual(['/webhook/bulwark/synthetic-check']);
	const tables = openTables();
	addWorkflow(tables, 'pay', { type: 'n8n-nodes-base.webhook', parameters: { path: 'pay' } });
	tables.close();
	await expect(
		ask('health', 'runSyntheticCheck', { ...check, ...database(), workflowId: 'pay' }),
	).rejects.toThrow(`it has no tag "${CHECK_TAG}"`);
	expect(called).toHaveLength(1);
	const [log] = await readdir(path.join(folder, 'audit'));
	const files = await readdir(path.join(folder, 'audit', log!));
	const file = files.find((name) => name.endsWith('.jsonl'))!;
	const text = await readFile(path.join(folder, 'audit', log!, file), 'utf8');
	const noted = text.trimEnd().split('\n');
	expect(noted.map((line) => JSON.parse(line) as IDataObject)).toMatchObject([
		{ operation: 'run synthetic check', outcome: 'started' },
		{ outcome: 'done', detail: 'passed, execution 7' },
		{ outcome: 'started', input: { workflowId: 'pay' } },
		{ outcome: 'failed', detail: expect.stringContaining(CHECK_TAG) as string },
	]);
});

it('calls webhooks where n8n has them, and by another process where one is named', async () => {
	process.env.N8N_ENDPOINT_WEBHOOK = 'hooks';
	called.length = 0;
	const { port } = n8n.address() as AddressInfo;
	const check = (webhookUrl: string) =>
		ask('health', 'runSyntheticCheck', { api: 'n8nApi', options: { webhookUrl } });
	expect(await check(`http://127.0.0.1:${port}/public`)).toMatchObject([{ verdict: 'passed' }]);
	expect(called).toEqual(['/public/hooks/bulwark/synthetic-check']);
	await expect(check('webhooks:5678')).rejects.toThrow('"Webhook URL" is "webhooks:5678"');
	await expect(check('http://bob:s3cret@webhooks')).rejects.toThrow('"Webhook URL" is not shown');
	delete process.env.N8N_ENDPOINT_WEBHOOK;
});

it('lists what was brought back, the newest first', async () => {
	const records = new FileRecoveryRecords(recoveriesFile(), systemClock);
	const record = (executionId: string, claimedAt: number): RecoveryRecord => ({
		...{ executionId, workflowId: 'w', attempt: 1, claimId: executionId, claimedAt },
		by: { name: 'alice', role: 'operator', via: 'token' },
		...{ updatedAt: claimedAt, loss: 'died with its worker', reason: 'it may be run again' },
		evidence: [{ source: 'queue', says: 'no job' }],
		...{ action: 'enqueue again', step: 'enqueued' },
	});
	const now = Date.now();
	await records.save(record('1', now - MINUTE), undefined);
	await records.save(record('2', now), undefined);
	records.close();
	expect(await ask('recovery', 'getAll', { returnAll: true })).toMatchObject([
		{ executionId: '2', by: 'alice', at: isoTime(now), step: 'enqueued' },
		{ executionId: '1' },
	]);
	expect(await ask('recovery', 'getAll', { limit: 1 })).toHaveLength(1);
});

it('tells of the health of one component only', async () => {
	const [all] = await ask('health', 'get');
	const [one] = await ask('health', 'get', { component: 'redis' });
	expect(all!.components).toHaveLength(7);
	expect(one).toMatchObject({ status: 'unknown', findings: [] });
});
