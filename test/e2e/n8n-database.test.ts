import { openStackSources, type DatabaseSettings } from '../../adapters/n8n';
import type { ExecutionRow, ExecutionStatus } from '../../core/ports/stack';
import type { StackSources } from '../../core/stack';
import { FakeClock } from '../support/fake-clock';
import {
	addExecution,
	addWorkflow,
	type N8nDatabase,
	type PostgresN8n,
	postgresN8n,
	sqliteN8n,
} from '../support/n8n-database';

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
let sqlite: N8nDatabase;

beforeAll(async () => {
	[postgres, sqlite] = await Promise.all([postgresN8n(), sqliteN8n()]);
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
