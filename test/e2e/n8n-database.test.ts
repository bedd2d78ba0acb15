import { openStackSources, type DatabaseSettings } from '../../adapters/n8n';
import { PostgresPool } from '../../adapters/postgres';
import { SqliteFile } from '../../adapters/sqlite';
import type { ExecutionRow, ExecutionStatus } from '../../core/ports/stack';
import { SourceUnavailableError, type StackSources } from '../../core/stack';
import { makeCertificates } from '../support/certificates';
import { FakeClock } from '../support/fake-clock';
import {
	addExecution,
	addWorkflow,
	type N8nDatabase,
	type PostgresN8n,
	postgresN8n,
	type SqliteN8n,
	sqliteN8n,
	startWriter,
} from '../support/n8n-database';
import { expectNoSecrets, plantedSecret } from '../support/planted-secrets';
import { realN8n } from '../support/real-n8n';
import { until } from '../support/until';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

const clock = new FakeClock(NOW);

const open = (database: DatabaseSettings) =>
	openStackSources(
		{
			database,
			queue: {
				...{ prefix: 'bull', pools: [], registryPrefix: 'n8n' },
				...{ lockDurationMs: MINUTE, lockRenewTimeMs: 10 * SECOND },
				...{ keepLastCompleted: 0, keepLastFailed: 0 },
			},
			n8n: { url: 'http://127.0.0.1:5678' },
			workerHealthUrls: [],
		},
		clock,
	);

let postgres: PostgresN8n;
let sqlite: SqliteN8n;

beforeAll(async () => {
	const n8n = await realN8n();
	[postgres, sqlite] = await Promise.all([postgresN8n(n8n), sqliteN8n(n8n)]);
});
afterAll(async () => {
	await postgres?.stop();
	await sqlite?.stop();
});

describe.each(['Postgres', 'SQLite'])("n8n's database in %s", (type) => {
	let n8n: N8nDatabase;
	let close: () => Promise<void>;
	let executions: NonNullable<StackSources['database']>['executions'];
	let workflows: NonNullable<StackSources['database']>['workflows'];
	let server: NonNullable<StackSources['database']>['server'];

	beforeAll(() => {
		n8n = type === 'Postgres' ? postgres : sqlite;
		const stack = open(n8n.settings);
		({ executions, workflows, server } = stack.sources.database!);
		close = stack.close;
	});
	beforeEach(async () => {
		await n8n.run(`DELETE FROM ${n8n.table('workflow_entity')} WHERE "activeVersionId" IS NULL`);
		await n8n.run(`UPDATE ${n8n.table('workflow_entity')} SET "activeVersionId" = NULL`);
		await n8n.run(`DELETE FROM ${n8n.table('workflow_entity')}`);
		await n8n.run(`DELETE FROM ${n8n.table('tag_entity')}`);
		await addWorkflow(n8n, { id: 'w1' });
	});
	afterAll(async () => await close?.());

	const add = async (execution: Partial<Parameters<typeof addExecution>[1]>) =>
		await addExecution(n8n, { status: 'success', createdAt: NOW - MINUTE, ...execution });

	const allWithStatus = async (statuses: ExecutionStatus[], limit: number) => {
		const rows: ExecutionRow[] = [];
		let after: string | undefined;
		do {
			const page = await executions.withStatus(statuses, limit, after);
			rows.push(...page.rows);
			after = page.next;
		} while (after !== undefined);
		return rows;
	};

	it('reads all that it says of an execution', async () => {
		const row = {
			...({ workflowId: 'w1', status: 'waiting', mode: 'trigger', retryOf: '7' } as const),
			createdAt: NOW - HOUR,
			startedAt: NOW - HOUR + 12,
			stoppedAt: NOW - MINUTE - 1,
			waitTill: NOW + HOUR,
		};
		const id = await add(row);
		expect(await executions.find([id])).toEqual([{ id, ...row, retrySuccessId: undefined }]);
	});

	it('finds only what is there', async () => {
		const [kept, gone] = [await add({}), await add({ deletedAt: NOW - HOUR })];
		const found = await executions.find(['1', kept, gone, '99999999999', 'x', "1' OR 1=1", '']);
		expect(found.map(({ id }) => id)).toEqual([kept]);
		expect(await executions.find([])).toEqual([]);
	});

	it('shows an old execution that runs, however many newer ones there are', async () => {
		await addWorkflow(n8n, { id: 'w2' });
		const old = await add({ status: 'running', createdAt: NOW - HOUR, workflowId: 'w2' });
		const newer: string[] = [];
		for (let count = 0; count < 150; count += 1)
			newer.push(await add({ status: count % 2 ? 'running' : 'new' }), await add({}));
		const { rows, next } = await executions.withStatus(['new', 'running'], 10);
		expect(rows[0]!.id).toBe(old);
		expect(next).toBe(rows.at(-1)!.id);
		const unfinished = [old, ...newer.filter((_, index) => index % 2 === 0)];
		for (const limit of [7, 151, 1_000]) {
			const found = await allWithStatus(['new', 'running'], limit);
			expect(found.map(({ id }) => id)).toEqual(unfinished);
		}
		expect(await executions.unfinishedCounts()).toEqual({ new: 75, running: 76, waiting: 0 });
	});

	it('orders ids as numbers', async () => {
		for (const id of [1_000_009, 1_000_010, 999_999, 1_000_100]) await add({ id, status: 'new' });
		const found = await allWithStatus(['new', 'success'], 1);
		expect(found.map(({ id }) => id)).toEqual(['999999', '1000009', '1000010', '1000100']);
		await n8n.run(`DELETE FROM ${n8n.table('execution_entity')}`);
	});

	it('pages by when they ended those that ended lately', async () => {
		const ended = async (agoMs: number, status: ExecutionStatus) =>
			await add({ status, stoppedAt: NOW - agoMs });
		const before = await ended(2 * HOUR, 'error');
		const late = await ended(MINUTE, 'error');
		const twins = [await ended(HOUR, 'error'), await ended(HOUR, 'crashed')];
		await ended(MINUTE, 'success');
		const pages: string[][] = [];
		let after: string | undefined;
		do {
			const page = await executions.endedSince(NOW - HOUR, ['error', 'crashed'], 1, after);
			pages.push(page.rows.map(({ id }) => id));
			after = page.next;
		} while (after !== undefined);
		expect(pages.flat()).toEqual([...twins, late]);
		expect(pages.flat()).not.toContain(before);
	});

	it('counts what was made and ended within the time', async () => {
		await add({ createdAt: NOW - HOUR, stoppedAt: NOW - SECOND, status: 'crashed' });
		await add({ createdAt: NOW - HOUR, stoppedAt: NOW - 10 * MINUTE });
		for (let second = 1; second <= 4; second += 1)
			await add({
				createdAt: NOW - 30 * SECOND,
				startedAt: NOW - 20 * SECOND,
				stoppedAt: NOW - (20 - second) * SECOND,
				status: second === 4 ? 'error' : 'success',
			});
		await add({ createdAt: NOW - 10 * SECOND, status: 'waiting', stoppedAt: NOW - SECOND });
		// As n8n leaves it where it is told not to keep those that succeeded.
		await add({ createdAt: NOW - 10 * SECOND, deletedAt: NOW - HOUR });
		expect(await executions.rates(MINUTE)).toEqual({
			windowMs: MINUTE,
			...{ created: 6, finished: 6, failed: 1, crashed: 1 },
			...{ medianDurationMs: 2 * SECOND, p95DurationMs: 4 * SECOND },
		});
	});

	it('knows no duration where nothing ended', async () => {
		expect(await executions.rates(MINUTE)).toEqual({
			windowMs: MINUTE,
			...{ created: 0, finished: 0, failed: 0, crashed: 0 },
		});
	});

	it('says when triggers fired, also for what nobody has begun', async () => {
		await addWorkflow(n8n, { id: 'w2' });
		const fires = [40, 30, 20, 10].map((minutes) => NOW - minutes * MINUTE);
		for (const createdAt of fires)
			await add({ mode: 'trigger', createdAt, status: createdAt === fires[3] ? 'new' : 'success' });
		await add({ mode: 'manual', createdAt: NOW - 15 * MINUTE });
		await add({ mode: 'trigger', createdAt: NOW - 15 * MINUTE, workflowId: 'w2' });
		expect(await executions.triggeredAt('w1', NOW - 35 * MINUTE, 10)).toEqual(fires.slice(1));
		expect(await executions.triggeredAt('w1', NOW - 35 * MINUTE, 1)).toEqual(fires.slice(1, 2));
	});

	describe('progress', () => {
		const done = { resultData: { runData: { Set: [{}] }, lastNodeExecuted: 'Set' } };
		const stack = (...names: string[]) => ({
			executionData: {
				nodeExecutionStack: names.map((name) => ({ node: { name } })),
				waitingExecution: {},
			},
		});

		it.each([
			['one that nobody has begun', { resultData: { runData: {} }, ...stack('Webhook') }, {}],
			['one that is complete', { ...done, ...stack() }, { lastNode: 'Set', isComplete: true }],
			['one that has more to do', { ...done, ...stack('Next') }, { lastNode: 'Set' }],
			[
				'one that failed',
				{ resultData: { ...done.resultData, error: { message: 'no' } }, ...stack() },
				{ lastNode: 'Set', hasError: true, failedBecause: 'no' },
			],
		])('reads %s', async (_, data, expected) => {
			const id = await add({ data });
			expect(await executions.progressOf(id)).toEqual({
				...{ executionId: id, lastNode: undefined, isSaved: true },
				...{ hasError: false, failedBecause: undefined, isComplete: false },
				hasInput: data.executionData.nodeExecutionStack.length > 0,
				...expected,
			});
		});

		it('says where nothing is saved', async () => {
			const id = await add({ storedAt: 'fs' });
			expect(await executions.progressOf(id)).toMatchObject({ isSaved: false, hasInput: false });
			expect(await executions.progressOf('1')).toBeUndefined();
		});

		it('does not read more than it may', async () => {
			const id = await add({ data: { text: 'x'.repeat(9_000_000) } });
			await expect(executions.progressOf(id)).rejects.toMatchObject({
				code: 'SOURCE_UNAVAILABLE',
				message: expect.stringMatching(/9000\d{3} bytes/) as string,
			});
		});
	});

	describe('repair', () => {
		const seen = { status: 'running', startedAt: NOW - MINUTE } as const;

		it('takes an execution back to what n8n enqueues', async () => {
			const id = await add({ ...seen, stoppedAt: NOW, waitTill: NOW });
			expect(await executions.renew({ id, ...seen })).toBe(true);
			const [row] = await executions.find([id]);
			expect(row).toMatchObject({ status: 'new', startedAt: undefined, stoppedAt: undefined });
			expect(row).toMatchObject({ waitTill: undefined });
			expect(await executions.renew({ id, ...seen })).toBe(false);
			expect(await executions.mark({ id, status: 'new', startedAt: undefined }, 'crashed')).toBe(
				true,
			);
		});

		it.each(['crashed', 'canceled', 'success'] as const)('marks as %s', async (status) => {
			const id = await add({ ...seen, waitTill: NOW });
			expect(await executions.mark({ id, ...seen }, status)).toBe(true);
			const [row] = await executions.find([id]);
			expect(row).toMatchObject({ status, stoppedAt: NOW, waitTill: undefined });
			const [{ finished }] = (await n8n.run(
				`SELECT finished FROM ${n8n.table('execution_entity')}`,
			)) as [{ finished: unknown }];
			expect(Boolean(finished)).toBe(status === 'success');
		});

		it.each([
			['another status', { status: 'success', startedAt: seen.startedAt }],
			['another start', { status: 'running', startedAt: seen.startedAt + 1 }],
			['no start', { status: 'running', startedAt: undefined }],
			['been deleted', { ...seen, deletedAt: NOW }],
		] as const)('leaves one alone that has %s by now', async (_, now) => {
			const id = await add(now);
			expect(await executions.renew({ id, ...seen })).toBe(false);
			expect(await executions.mark({ id, ...seen }, 'crashed')).toBe(false);
			const [row] = await n8n.run(`SELECT status FROM ${n8n.table('execution_entity')}`);
			expect(row).toEqual({ status: now.status });
		});

		it('lets one of many at once win', async () => {
			const id = await add(seen);
			const tries = Array.from({ length: 8 }, () => executions.renew({ id, ...seen }));
			expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
		});

		it('can change nothing else', async () => {
			expect(await executions.renew({ id: 'x', ...seen })).toBe(false);
			expect(await executions.renew({ id: '1', ...seen })).toBe(false);
		});
	});

	describe('workflows', () => {
		const node = (name: string, more: object = {}) => ({
			...{ id: `id of ${name}`, name, type: 'n8n-nodes-base.noOp', parameters: { a: [1] } },
			...{ position: [0, 0], credentials: { api: { id: '1' } }, ...more },
		});

		it('shows what is published, not what is edited', async () => {
			await addWorkflow(n8n, {
				...{ id: 'w2', name: 'Two', tags: ['b', 'a'], settings: { timezone: 'UTC' } },
				nodes: [node('Draft')],
				publishedNodes: [node('Published'), node('Off', { disabled: true })],
			});
			const [workflow] = await workflows.find(['w2', 'none']);
			expect(workflow).toEqual({
				...{ id: 'w2', name: 'Two', isActive: true, tags: ['a', 'b'] },
				settings: { timezone: 'UTC' },
				nodes: ['Published', 'Off'].map((name) => ({
					...{ id: `id of ${name}`, name, type: 'n8n-nodes-base.noOp' },
					...{ isDisabled: name === 'Off', parameters: { a: [1] } },
				})),
				updatedAt: expect.any(Number) as number,
			});
			expect(Math.abs(workflow!.updatedAt - Date.now())).toBeLessThan(HOUR);
		});

		it('shows the draft of one that is not published', async () => {
			await addWorkflow(n8n, { id: 'w2', nodes: [node('Draft')] });
			const [workflow] = await workflows.find(['w2']);
			expect(workflow).toMatchObject({ isActive: false, nodes: [{ name: 'Draft' }] });
		});

		it('pages those that are active', async () => {
			for (const id of ['a', 'b', 'c']) await addWorkflow(n8n, { id, publishedNodes: [] });
			await addWorkflow(n8n, { id: 'd', publishedNodes: [], isArchived: true });
			const ids = async (limit: number, after?: string) =>
				(await workflows.active(limit, after)).map(({ id }) => id);
			expect(await ids(2)).toEqual(['a', 'b']);
			expect(await ids(2, 'b')).toEqual(['c']);
			expect(await ids(2, 'c')).toEqual([]);
		});
	});

	it('keeps no writer waiting while it looks', async () => {
		for (let count = 0; count < 200; count += 1)
			await add({ status: count % 9 ? 'success' : 'new' });
		const writer = await startWriter(n8n, { writes: 100, everyMs: 1 });
		let looks = 0;
		while (writer.isRunning()) {
			await executions.withStatus(['success', 'new'], 1_000);
			await executions.rates(HOUR);
			await executions.unfinishedCounts();
			looks += 1;
		}
		expect((await writer.ended).latenciesMs).toHaveLength(100);
		expect(looks).toBeGreaterThan(3);
	});

	it('says how the server is', async () => {
		await add({});
		const statistics = await server.statistics();
		expect(statistics).toMatchObject({ type: type.toLowerCase(), version: expect.any(String) });
		expect(statistics.sizeBytes).toBeGreaterThan(100_000);
		expect(statistics.roundTripMs).toBeGreaterThan(0);
		expect(statistics.tables.length).toBeGreaterThan(1);
		if (type === 'Postgres') {
			expect(statistics.connections).toMatchObject({ most: 200, idleInTransaction: 0 });
			expect(statistics.connections!.used).toBeGreaterThan(0);
		} else expect(statistics.writeAheadLogBytes).toBeGreaterThan(0);
	});
});

describe('a database that cannot be asked', () => {
	/** What a question comes to. */
	async function answer(settings: DatabaseSettings): Promise<string> {
		const stack = open(settings);
		const { executions, workflows, server } = stack.sources.database!;
		const asked = [
			async () => await executions.unfinishedCounts(),
			async () => await executions.renew({ id: '1', status: 'running', startedAt: NOW }),
			async () => await workflows.active(1),
			async () => await server.statistics(),
		];
		try {
			const errors: Array<{ message: string; remedy: string }> = [];
			for (const ask of asked)
				await ask().catch((error: SourceUnavailableError) => {
					expect(error).toBeInstanceOf(SourceUnavailableError);
					errors.push(error);
				});
			const said = errors.map(({ message, remedy }) => `${message}. ${remedy}`).join('\n');
			expectNoSecrets('an error', said);
			return said;
		} finally {
			await stack.close();
		}
	}

	const ofPostgres = async (change: object) =>
		await answer({ ...postgres.settings, ...change } as DatabaseSettings);

	it.each([
		[
			'the password',
			() => ({ password: plantedSecret('wrong') }),
			/does not accept .*Correct user/,
		],
		['no password', () => ({ password: undefined }), /asks for a password.*Give the password/],
		['the database', () => ({ database: 'none' }), /no such database: .*DB_POSTGRESDB_DATABASE/],
		['the schema', () => ({ schema: 'none' }), /table is not there: .*DB_POSTGRESDB_SCHEMA/],
		['the prefix', () => ({ tablePrefix: 'x_' }), /table is not there: .*DB_TABLE_PREFIX/],
		['the host', () => ({ host: 'nowhere.invalid' }), /cannot be reached: .*Check host and port/],
		['TLS', () => ({ ssl: true }), /not reached by TLS: .*Switch ssl off/],
	])('says so where %s of Postgres is wrong', async (_, change, expected) => {
		expect(await ofPostgres(change())).toMatch(expected);
	});

	it.each([
		['is missing', '/nowhere/database.sqlite', /There is no file \/nowhere.*N8N_USER_FOLDER/],
		['is none of SQLite', __filename, /no SQLite database.*correct the path/],
		['is none of n8n', ':memory:', /There is no file :memory:/],
	])('says so where the file of SQLite %s', async (_, file, expected) => {
		expect(await answer({ type: 'sqlite', file, tablePrefix: '' })).toMatch(expected);
		expect(await answer({ ...sqlite.settings, tablePrefix: 'x_' })).toMatch(
			/table is not there: no such table: x_execution_entity.*DB_TABLE_PREFIX/,
		);
	});

	it('is reached by TLS, where its certificate is trusted', async () => {
		const { authority, server, remove } = await makeCertificates();
		const give = async (setting: string, text: string) =>
			await postgres.run(
				`ALTER SYSTEM SET ${setting} = '${await postgres.server.give(setting, text)}'`,
			);
		await give('ssl_cert_file', server.cert);
		await give('ssl_key_file', server.key);
		await postgres.run('ALTER SYSTEM SET ssl = on');
		await postgres.run('SELECT pg_reload_conf()');
		await until(async () => (await postgres.run('SHOW ssl'))[0]!.ssl === 'on');
		expect(await ofPostgres({ ssl: true })).toMatch(/certificate .* not trusted: .*SSL_CA/);
		expect(await ofPostgres({ ssl: true, ca: authority.cert })).toBe('');
		expect(await ofPostgres({ ssl: true, disableTlsVerification: true })).toBe('');
		await remove();
	});

	it('says what a user may not do', async () => {
		const password = plantedSecret('reader');
		await postgres.run(`CREATE ROLE reader LOGIN PASSWORD '${password}'`);
		expect(await ofPostgres({ user: 'reader', password })).toMatch(
			/The user may not do that in Postgres: permission denied .*Give it SELECT/,
		);
	});

	it('gives up what a lock keeps from it, and works again', async () => {
		const executions = postgres.table('execution_entity');
		await postgres.run('BEGIN');
		await postgres.run(`LOCK TABLE ${executions} IN ACCESS EXCLUSIVE MODE`);
		const stack = open(postgres.settings);
		const { executions: view } = stack.sources.database!;
		await expect(view.unfinishedCounts()).rejects.toThrow(/keeps the row or table locked/);
		await postgres.run('ROLLBACK');
		expect(await view.unfinishedCounts()).toMatchObject({ new: expect.any(Number) as number });
		await stack.close();
	});

	it('lets a write wait for no one for long in SQLite', async () => {
		const stack = open(sqlite.settings);
		const { executions } = stack.sources.database!;
		await sqlite.run('BEGIN IMMEDIATE');
		try {
			const seen = { id: '1', status: 'running', startedAt: NOW } as const;
			await expect(executions.renew(seen)).rejects.toThrow(/is locked by another process/);
			expect(await executions.find(['0'])).toEqual([]);
		} finally {
			await sqlite.run('ROLLBACK');
			await stack.close();
		}
	});

	it('is reached by few connections', async () => {
		const stack = open(postgres.settings);
		const { executions } = stack.sources.database!;
		await Promise.all(Array.from({ length: 20 }, () => executions.unfinishedCounts()));
		const [row] = await postgres.run(
			`SELECT COUNT(*) AS count FROM pg_stat_activity WHERE application_name = 'bulwark'`,
		);
		expect(Number(row!.count)).toBeGreaterThan(0);
		expect(Number(row!.count)).toBeLessThanOrEqual(3);
		await stack.close();
	});

	it('is changed by no question', async () => {
		const table = postgres.table('execution_entity');
		const { host, port, user, password, database } = postgres.settings;
		const pool = new PostgresPool({ host, port, user, password, database });
		await expect(pool.read(`DELETE FROM ${table}`, [])).rejects.toThrow(/takes no changes/);
		await pool.close();
		const file = new SqliteFile(sqlite.settings.file);
		await expect(file.read('DELETE FROM execution_entity', [])).rejects.toThrow(
			/may not be changed/,
		);
		await file.close();
	});

	it('is asked again once Postgres is back', async () => {
		const stack = open(postgres.settings);
		const { executions } = stack.sources.database!;
		await executions.unfinishedCounts();
		await postgres.server.pause();
		await expect(executions.unfinishedCounts()).rejects.toBeInstanceOf(SourceUnavailableError);
		await expect(executions.unfinishedCounts()).rejects.toThrow(/cannot be reached/);
		await postgres.server.resume();
		expect(await executions.unfinishedCounts()).toMatchObject({
			new: expect.any(Number) as number,
		});
		await stack.close();
	});
});
