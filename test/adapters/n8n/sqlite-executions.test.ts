import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { N8nExecutions } from '../../../adapters/n8n/database/n8n-executions';
import { SqliteDatabase } from '../../../adapters/n8n/database/sqlite-database';
import type { ExecutedWorkflow } from '../../../core/ports/stack';
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

/** Of each statement that is run from now on, how many characters a column of what it reads has. */
function readOf(column: string): readonly number[] {
	const statements: number[] = [];
	const read = database.read.bind(database);
	database.read = async (statement) => {
		const rows = await read(statement);
		statements.push(rows.reduce((sum, row) => sum + String(row[column] ?? '').length, 0));
		return rows;
	};
	return statements;
}

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

describe('saved data', () => {
	/** As n8n writes it: flattened. @param where so many characters lie: n8n keeps what is large within. */
	const save = (id: string, padding: number, where: 'within' | 'before' = 'within'): void => {
		const large = `"[{,\\${'x'.repeat(padding)}`;
		const within: readonly unknown[] = [
			...[{ resultData: '1', executionData: '2' }, { lastNodeExecuted: '3' }],
			...[{ nodeExecutionStack: '4' }, 'Set', ['5'], { node: '6', data: '7' }],
			...[{ name: '8' }, ['9'], 'Webhook', large],
		];
		const before: readonly unknown[] = [
			...[{ large: '1', resultData: '2', executionData: '3' }, large, { lastNodeExecuted: '4' }],
			...[{ nodeExecutionStack: '5' }, 'Set', ['6'], { node: '7' }, { name: '8' }, 'Webhook'],
		];
		n8n
			.prepare('INSERT INTO execution_data ("executionId", data) VALUES (?, ?)')
			.run(id, JSON.stringify(where === 'within' ? within : before));
	};

	it('of many executions is read by few statements, and no more than 8 MB at a time', async () => {
		const statements = readOf('data');
		const small = Array.from({ length: 1_500 }, () => add());
		for (const id of small) save(id, 10);
		const large = Array.from({ length: 5 }, () => add());
		for (const id of large) save(id, 3_000_000, 'before');
		const { known, unread } = await executions.progressOf([...small, ...large]);
		expect(unread.size).toBe(0);
		expect(known.size).toBe(1_505);
		for (const [executionId, progress] of known)
			expect(progress).toMatchObject({
				...{ executionId, isSaved: true, lastNode: 'Set' },
				...{ hasInput: true, goesOnWith: ['Webhook'] },
			});
		expect(statements.length).toBeLessThan(10);
		expect(Math.max(...statements)).toBeLessThanOrEqual(8 * 1024 * 1024);
		expect(statements.reduce((sum, some) => sum + some, 0)).toBeGreaterThan(15_000_000);
	});

	it('that is large is read at its beginning, where lies what is asked for', async () => {
		const id = add();
		save(id, 20_000_000);
		const read = database.read.bind(database);
		let most = 0;
		database.read = async (statement) => {
			const rows = await read(statement);
			for (const { data } of rows) most = Math.max(most, String(data ?? '').length);
			return rows;
		};
		const { known } = await executions.progressOf([id]);
		expect(known.get(id)).toMatchObject({ lastNode: 'Set', goesOnWith: ['Webhook'] });
		expect(most).toBeLessThan(200_000);
	});

	it('that is too large, no data or damaged hides no other', async () => {
		const [tooLarge, elsewhere, damaged, well] = [add(), add(), add(), add()];
		save(tooLarge, 9_000_000, 'before');
		n8n.exec(`INSERT INTO execution_data ("executionId", data) VALUES (${damaged}, '[')`);
		save(well, 0);
		const asked = [tooLarge, elsewhere, damaged, well, '99', 'x'];
		const { known, unread } = await executions.progressOf(asked);
		expect([...known.keys()]).toEqual([elsewhere, well]);
		expect(known.get(elsewhere)).toMatchObject({ isSaved: false, hasInput: false });
		expect([...unread.keys()].sort()).toEqual([tooLarge, damaged]);
		expect(unread.get(tooLarge)).toMatch(/^its data has 9000\d{3} bytes/);
	});
});

describe('what executions run', () => {
	const save = (id: string, workflow: string): void =>
		void n8n
			.prepare('INSERT INTO execution_data ("executionId", "workflowData") VALUES (?, ?)')
			.run(id, workflow);

	async function readAll(ids: readonly string[]) {
		const [known, unread] = [new Map<string, ExecutedWorkflow>(), new Map<string, string>()];
		for await (const portion of executions.executedWorkflows(ids)) {
			for (const [id, workflow] of portion.known) known.set(id, workflow);
			for (const [id, why] of portion.unread) unread.set(id, why);
		}
		return { known, unread };
	}

	it('is read by few statements, and no more than 8 MB at a time unless of one', async () => {
		const statements = readOf('workflow');
		const workflow = (padding: number) =>
			JSON.stringify({
				nodes: [{ name: 'Hook', type: 'webhook', parameters: { text: 'x'.repeat(padding) } }],
				connections: { Hook: { main: [[{ node: 'Set' }]] } },
			});
		const small = Array.from({ length: 1_500 }, () => add());
		for (const id of small) save(id, workflow(10));
		const large = Array.from({ length: 5 }, () => add());
		for (const id of large) save(id, workflow(3_000_000));
		const alone = add();
		save(alone, workflow(9_000_000));
		const { known, unread } = await readAll([...small, ...large, alone]);
		expect(unread.size).toBe(0);
		expect(known.size).toBe(1_506);
		for (const executed of known.values())
			expect(executed).toMatchObject({
				...{ nodes: [{ name: 'Hook', type: 'webhook' }], wires: [['Hook', 'Set']] },
			});
		expect(statements.length).toBeLessThan(10);
		expect(statements.filter((characters) => characters > 8 * 1024 * 1024)).toHaveLength(1);
	});

	it('that is damaged hides no other, and of nobody nothing is read', async () => {
		const [damaged, well] = [add(), add()];
		save(damaged, '{');
		save(well, '{}');
		const { known, unread } = await readAll([damaged, well, well, '99', 'x']);
		expect([...known]).toEqual([[well, { nodes: [], wires: [] }]]);
		expect([...unread.keys()]).toEqual([damaged]);
		const statements = readOf('workflow');
		await readAll([]);
		expect(statements).toEqual([]);
	});

	it('is without what is no node or no wire', async () => {
		const id = add();
		const workflow = {
			nodes: [null, 'Webhook', { name: 'Send', type: 'n8n-nodes-base.httpRequest' }],
			connections: { Webhook: null, Send: { main: [null, [null, { node: 'End' }]] } },
		};
		save(id, JSON.stringify(workflow));
		expect((await readAll([id])).known.get(id)).toMatchObject({
			...{ nodes: [{ name: 'Send' }], wires: [['Send', 'End']] },
		});
	});
});
