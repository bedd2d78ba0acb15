import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { N8nExecutions } from '../../../adapters/n8n/database/n8n-executions';
import { SqliteDatabase } from '../../../adapters/n8n/database/sqlite-database';
import { FakeClock } from '../../support/fake-clock';

let folder: string;
let n8n: DatabaseSync;
let database: SqliteDatabase;
let executions: N8nExecutions;

/** What is read of n8n's tables; a test against n8n's own is among those of `e2e`. */
const TABLES = `
	CREATE TABLE execution_entity (
		id INTEGER PRIMARY KEY AUTOINCREMENT, "workflowId" TEXT DEFAULT 'w', status TEXT DEFAULT 'crashed', mode TEXT,
		"retryOf" TEXT, "retrySuccessId" TEXT, "createdAt" TEXT DEFAULT '2026-01-02 03:04:05.678', "startedAt" TEXT,
		"stoppedAt" TEXT, "waitTill" TEXT, "deletedAt" TEXT
	);
	CREATE INDEX of_workflow ON execution_entity ("workflowId", id);
	CREATE TABLE execution_data ("executionId" INTEGER PRIMARY KEY, "workflowData" TEXT, data TEXT);`;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'bulwark-executions-'));
	const file = join(folder, 'database.sqlite');
	n8n = new DatabaseSync(file);
	n8n.exec(`PRAGMA journal_mode = WAL; ${TABLES}`);
	database = new SqliteDatabase(file, '');
	executions = new N8nExecutions(database, new FakeClock());
});

afterEach(async () => {
	await database.close();
	n8n.close();
	await rm(folder, { recursive: true });
});

const add = (retryOf: string | null = null): string =>
	String(
		n8n.prepare('INSERT INTO execution_entity ("retryOf") VALUES (?)').run(retryOf).lastInsertRowid,
	);

it('finds what tries executions again, and only newer ones where those are wanted', async () => {
	const lost = [add(), add()];
	const retries = lost.map(add);
	add();
	const again = add(lost[0]);
	const asked = await executions.find(lost);
	const found = async (after?: string) =>
		(await executions.retriesOf(asked, after)).map(({ id }) => id);
	expect(await found()).toEqual([...retries, again]);
	expect(await found('-990')).toEqual([...retries, again]);
	expect(await found(retries[1])).toEqual([again]);
	expect(await found(again)).toEqual([]);
});
