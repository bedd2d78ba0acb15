import type { ExecutionRow, ExecutionStatus } from '../../../core/ports/stack';
import { addWorkflow } from '../../support/n8n-database';
import { HOUR, MINUTE, NOW, SECOND, type DatabaseUnderTest } from './database-under-test';

/** What is read of executions. */
export function describeExecutions(under: DatabaseUnderTest): void {
	const allWithStatus = async (statuses: ExecutionStatus[], limit: number) => {
		const rows: ExecutionRow[] = [];
		let after: string | undefined;
		do {
			const page = await under.executions.withStatus(statuses, limit, after);
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
		const id = await under.add(row);
		expect(await under.executions.find([id])).toEqual([{ id, ...row, retrySuccessId: undefined }]);
	});

	it('finds only what is there', async () => {
		const [kept, gone] = [await under.add({}), await under.add({ deletedAt: NOW - HOUR })];
		const found = await under.executions.find([
			'1',
			kept,
			gone,
			'99999999999',
			'x',
			"1' OR 1=1",
			'',
		]);
		expect(found.map(({ id }) => id)).toEqual([kept]);
		expect(await under.executions.find([])).toEqual([]);
	});

	it('finds what tries executions again, however that went, and nothing else', async () => {
		await addWorkflow(under.n8n, { id: 'w2' });
		const [one, other] = [await under.add({}), await under.add({ workflowId: 'w2' })];
		const alone = await under.add({});
		const retries = [
			await under.add({ retryOf: one, status: 'running', mode: 'retry' }),
			await under.add({ retryOf: other, status: 'error', mode: 'retry', workflowId: 'w2' }),
			await under.add({ retryOf: one, status: 'crashed', mode: 'retry' }),
		];
		await under.add({ retryOf: one, mode: 'retry', deletedAt: NOW - HOUR });
		const asked = await under.executions.find([one, other, alone]);
		const found = await under.executions.retriesOf(asked);
		expect(found.map(({ id, retryOf }) => [id, retryOf])).toEqual([
			[retries[0], one],
			[retries[1], other],
			[retries[2], one],
		]);
		expect(await under.executions.retriesOf(asked, retries[1])).toEqual(found.slice(2));
		expect(await under.executions.retriesOf(asked, retries[2])).toEqual([]);
		expect(await under.executions.retriesOf([{ id: alone, workflowId: 'w1' }])).toEqual([]);
	});

	it('shows an old execution that runs, however many newer ones there are', async () => {
		await addWorkflow(under.n8n, { id: 'w2' });
		const old = await under.add({ status: 'running', createdAt: NOW - HOUR, workflowId: 'w2' });
		const newer: string[] = [];
		for (let count = 0; count < 150; count += 1)
			newer.push(await under.add({ status: count % 2 ? 'running' : 'new' }), await under.add({}));
		const { rows, next } = await under.executions.withStatus(['new', 'running'], 10);
		expect(rows[0]!.id).toBe(old);
		expect(next).toBe(rows.at(-1)!.id);
		const unfinished = [old, ...newer.filter((_, index) => index % 2 === 0)];
		for (const limit of [7, 151, 1_000]) {
			const found = await allWithStatus(['new', 'running'], limit);
			expect(found.map(({ id }) => id)).toEqual(unfinished);
		}
		expect(await under.executions.unfinishedCounts()).toEqual({ new: 75, running: 76, waiting: 0 });
	});

	it('reads what executions run', async () => {
		const webhook = {
			id: 'n',
			name: 'Hook',
			type: 'webhook',
			disabled: true,
			parameters: { a: 1 },
		};
		const connections = { Hook: { main: [null, [{ node: 'Set', type: 'main', index: 0 }]] } };
		const id = await under.add({ data: {}, workflow: { nodes: [webhook], connections } });
		const known = new Map<string, unknown>();
		for await (const portion of under.executions.executedWorkflows([id, '1'])) {
			expect(portion.unread.size).toBe(0);
			for (const [one, workflow] of portion.known) known.set(one, workflow);
		}
		const node = { ...webhook, isDisabled: true, disabled: undefined };
		expect([...known]).toEqual([[id, { nodes: [node], wires: [['Hook', 'Set']] }]]);
	});

	it('orders ids as numbers', async () => {
		for (const id of [1_000_009, 1_000_010, 999_999, 1_000_100])
			await under.add({ id, status: 'new' });
		const found = await allWithStatus(['new', 'success'], 1);
		expect(found.map(({ id }) => id)).toEqual(['999999', '1000009', '1000010', '1000100']);
		await under.n8n.run(`DELETE FROM ${under.n8n.table('execution_entity')}`);
	});

	it('pages by when they ended those that ended lately', async () => {
		const ended = async (agoMs: number, status: ExecutionStatus) =>
			await under.add({ status, stoppedAt: NOW - agoMs });
		const before = await ended(2 * HOUR, 'error');
		const late = await ended(MINUTE, 'error');
		const twins = [await ended(HOUR, 'error'), await ended(HOUR, 'crashed')];
		await ended(MINUTE, 'success');
		const pages: string[][] = [];
		let after: string | undefined;
		do {
			const page = await under.executions.endedSince(NOW - HOUR, ['error', 'crashed'], 1, after);
			pages.push(page.rows.map(({ id }) => id));
			after = page.next;
		} while (after !== undefined);
		expect(pages.flat()).toEqual([...twins, late]);
		expect(pages.flat()).not.toContain(before);
	});

	it('pages before them those that n8n has marked as crashed and of which it says no end', async () => {
		const crashed = { status: 'crashed', startedAt: NOW - MINUTE } as const;
		const endless = [await under.add(crashed), await under.add(crashed), await under.add(crashed)];
		const ended = await under.add({ ...crashed, stoppedAt: NOW - MINUTE });
		const old = await under.add({ ...crashed, createdAt: NOW - 2 * HOUR });
		await under.add({ status: 'running', startedAt: NOW - MINUTE });
		const pages = async (statuses: readonly ExecutionStatus[], limit: number) => {
			const rows: string[] = [];
			let after: string | undefined;
			do {
				const page = await under.executions.endedSince(NOW - HOUR, statuses, limit, after);
				rows.push(...page.rows.map(({ id }) => id));
				after = page.next;
			} while (after !== undefined);
			return rows;
		};
		for (const limit of [1, 2, 3, 10]) {
			const found = await pages(['error', 'crashed'], limit);
			expect(found.filter((id) => [...endless, ended, old].includes(id))).toEqual([
				...endless,
				ended,
			]);
			expect(new Set(found).size).toBe(found.length);
		}
		expect(await pages(['error'], 10)).not.toContain(endless[0]);
	});

	it('counts what was made and ended within the time', async () => {
		await under.add({ createdAt: NOW - HOUR, stoppedAt: NOW - SECOND, status: 'crashed' });
		await under.add({ createdAt: NOW - HOUR, stoppedAt: NOW - 10 * MINUTE });
		for (let second = 1; second <= 4; second += 1)
			await under.add({
				createdAt: NOW - 30 * SECOND,
				startedAt: NOW - 20 * SECOND,
				stoppedAt: NOW - (20 - second) * SECOND,
				status: second === 4 ? 'error' : 'success',
			});
		await under.add({ createdAt: NOW - 10 * SECOND, status: 'waiting', stoppedAt: NOW - SECOND });
		// As n8n leaves it where it is told not to keep those that succeeded.
		await under.add({ createdAt: NOW - 10 * SECOND, deletedAt: NOW - HOUR });
		expect(await under.executions.rates(MINUTE)).toEqual({
			windowMs: MINUTE,
			...{ created: 6, finished: 6, failed: 1, crashed: 1 },
			...{ medianDurationMs: 2 * SECOND, p95DurationMs: 4 * SECOND },
		});
	});

	it('knows no duration where nothing ended', async () => {
		expect(await under.executions.rates(MINUTE)).toEqual({
			windowMs: MINUTE,
			...{ created: 0, finished: 0, failed: 0, crashed: 0 },
		});
	});

	it('says when triggers fired, also for what nobody has begun', async () => {
		await addWorkflow(under.n8n, { id: 'w2' });
		const fires = [40, 30, 20, 10].map((minutes) => NOW - minutes * MINUTE);
		for (const createdAt of fires)
			await under.add({
				mode: 'trigger',
				createdAt,
				status: createdAt === fires[3] ? 'new' : 'success',
			});
		await under.add({ mode: 'manual', createdAt: NOW - 15 * MINUTE });
		await under.add({ mode: 'trigger', createdAt: NOW - 15 * MINUTE, workflowId: 'w2' });
		expect(await under.executions.triggeredAt('w1', NOW - 35 * MINUTE, 10)).toEqual(fires.slice(1));
		expect(await under.executions.triggeredAt('w1', NOW - 35 * MINUTE, 1)).toEqual(
			fires.slice(1, 2),
		);
	});

	it('tells which executions webhooks of a workflow have made since one', async () => {
		await addWorkflow(under.n8n, { id: 'w2' });
		const before = await under.add({});
		expect(await under.executions.newestId()).toBe(before);
		await under.add({ workflowId: 'w2' });
		await under.add({ mode: 'trigger' });
		const made = [await under.add({ status: 'new' }), await under.add({}), await under.add({})];
		const after = async (id: string, limit: number) =>
			(await under.executions.calledAfter(id, 'w1', limit)).map((row) => row.id);
		expect(await after(before, 2)).toEqual(made.slice(0, 2));
		expect(await after(made[1]!, 2)).toEqual(made.slice(2));
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
			const id = await under.add({ data });
			const { known } = await under.executions.progressOf([id]);
			expect(known.get(id)).toEqual({
				...{ executionId: id, lastNode: undefined, isSaved: true, isWithinStep: false },
				...{ hasError: false, failedBecause: undefined, isComplete: false },
				hasInput: data.executionData.nodeExecutionStack.length > 0,
				goesOnWith: data.executionData.nodeExecutionStack.map(({ node }) => node.name),
				...expected,
			});
		});

		it('says where nothing is saved', async () => {
			const id = await under.add({ storedAt: 'fs' });
			const { known } = await under.executions.progressOf([id, '1']);
			expect([...known]).toMatchObject([[id, { isSaved: false, hasInput: false }]]);
		});

		it('reads of one with much data what is asked for', async () => {
			const { executionData } = stack('Webhook');
			const [due] = executionData.nodeExecutionStack;
			const items = Array.from({ length: 20_000 }, (_, item) => ({
				json: { item, text: 'x'.repeat(500) },
			}));
			const nodeExecutionStack = [{ ...due, data: { main: [items] } }];
			const id = await under.add({
				data: {
					resultData: { runData: {} },
					executionData: { ...executionData, nodeExecutionStack },
				},
			});
			const { known } = await under.executions.progressOf([id]);
			expect(known.get(id)).toMatchObject({ hasInput: true, goesOnWith: ['Webhook'] });
		});

		it('does not read more than it may', async () => {
			const id = await under.add({ data: { text: 'x'.repeat(9_000_000), ...done, ...stack() } });
			const { known, unread } = await under.executions.progressOf([id]);
			expect(known.size).toBe(0);
			expect(unread.get(id)).toMatch(/9000\d{3} bytes/);
		});
	});
}
