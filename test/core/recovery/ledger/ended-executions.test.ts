import type { ExecutionProgress, ExecutionRow } from '../../../../core/ports/stack';
import { ExecutionLedger, planRepairs, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';

/** As n8n 2.41 writes them. */
const STALLED =
	'This execution failed to be processed too many times and will no longer retry. To allow this execution to complete, please break down your workflow or scale up your workers or adjust your worker settings.';
const CRASHED = 'Workflow did not finish, possible out-of-memory issue';

const MINUTE_MS = 60_000;

interface Ended {
	readonly row?: Partial<ExecutionRow>;
	readonly saved?: Partial<ExecutionProgress>;
	/** By somebody, or by us. */
	readonly retry?: Partial<ExecutionRow>;
	readonly world?: LostWorld;
	readonly records?: MemoryRecoveryRecords;
}

/** What is planned for an execution in queue mode that n8n has marked, all of whose workers are well. */
async function planFor({ row, saved, retry, world = new LostWorld(2), records }: Ended) {
	const at = world.clock.now();
	world.tags = [RECOVERY_DEFAULTS.runAgainTag];
	const times = { createdAt: at, startedAt: at, stoppedAt: at + MINUTE_MS };
	const id = world.beginRow({ ...times, ...row });
	world.saved.set(id, saved ?? {});
	if (retry) world.beginRow({ retryOf: id, ...retry });
	world.pass(5 * MINUTE_MS);
	const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);
	const scan = ledger.scan();
	await world.clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
	const lost = (await scan).lost.filter((one) => one.row.id === id);
	const parts = {
		sources: { ...world.sources, api: { hasKey: true } as never },
		clock: world.clock,
		settings: RECOVERY_DEFAULTS,
		records: records ?? new MemoryRecoveryRecords(),
	};
	const choices = { silentWorkers: 'may live', unsafe: 'leave' } as const;
	const [planned] = await planRepairs(parts, lost, choices);
	return planned && { ...planned.lost, ...planned.repair };
}

const stalled: Ended = {
	row: { status: 'error' },
	saved: { hasError: true, failedBecause: STALLED, hasInput: false },
};

it('what n8n has given up because its job stalled is named, and nothing is left to run again', async () => {
	expect(await planFor(stalled)).toMatchObject({
		...{ loss: 'died with its worker', isSurelyDead: true, action: 'leave' },
		reason: expect.stringContaining('thrown away'),
	});
	const unbegun = { ...stalled, row: { status: 'error', startedAt: undefined } as const };
	expect(await planFor(unbegun)).toMatchObject({ loss: 'never started', action: 'leave' });
});

it.each([
	['says that something stalled', { failedBecause: 'Upload stalled at 40 %', lastNode: 'Upload' }],
	['says what n8n says', { failedBecause: STALLED, lastNode: 'Stop and Error' }],
	['says nothing', { failedBecause: undefined }],
])('an execution is not lost that failed by itself and %s', async (_case, saved) => {
	expect(
		await planFor({ ...stalled, saved: { hasError: true, hasInput: true, ...saved } }),
	).toBeUndefined();
});

it('what was tried again with success is not lost', async () => {
	const row = { status: 'error', retrySuccessId: '9' } as const;
	expect(await planFor({ ...stalled, row })).toBeUndefined();
});

const crashed: Ended = {
	row: { status: 'crashed' },
	saved: { hasError: true, failedBecause: CRASHED, lastNode: 'Slow', hasInput: true },
};

it('what n8n has marked as crashed when it began again is retried by n8n, which takes its marks away', async () => {
	expect(await planFor(crashed)).toMatchObject({
		...{ loss: 'died with its worker', isSurelyDead: true, action: 'retry' },
	});
	const unmarked = { ...crashed, saved: { hasInput: true } };
	expect(await planFor(unmarked)).toMatchObject({ action: 'enqueue again' });
});

it('what n8n has marked as crashed without an end, as a retry that crashed in its turn, is named', async () => {
	const row = { status: 'crashed', mode: 'retry', retryOf: '99', stoppedAt: undefined } as const;
	const planned = await planFor({ row, saved: { lastNode: 'Slow', hasInput: true } });
	expect(planned).toMatchObject({
		...{ loss: 'died with its worker', isSurelyDead: true, action: 'enqueue again' },
		evidence: expect.arrayContaining([
			{ source: 'database', says: 'row is crashed, and has no end' },
		]),
	});
});

it('what crashes without an end once more, having begun anew, is judged by what was saved since', async () => {
	const world = new LostWorld(2);
	const begunAt = world.clock.now();
	const row = { status: 'crashed', startedAt: begunAt, stoppedAt: undefined } as const;
	const id = world.beginRow(row);
	world.saved.set(id, { lastNode: 'Slow', hasInput: true });
	world.pass(MINUTE_MS);
	const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);
	expect((await ledger.glance()).unsure).toEqual([id]);
	Object.assign(world.rows.get(id)!, { startedAt: world.clock.now() });
	world.saved.set(id, { lastNode: 'Last', isComplete: true, hasInput: false });
	await ledger.glance();
	world.pass(MINUTE_MS);
	expect((await ledger.glance()).lost).toMatchObject([
		{ loss: 'marked crashed though it succeeded' },
	]);
});

it('what was run by hand and crashed may have waited, and be run by a main that began since', async () => {
	const world = new LostWorld(2);
	world.isMainListed = true;
	const begun = world.clock.now() - 60 * MINUTE_MS;
	const row = { status: 'crashed', mode: 'manual', createdAt: begun, startedAt: begun } as const;
	for (const saved of [{ hasInput: true }, crashed.saved])
		expect(await planFor({ row, saved, world })).toMatchObject({
			...{ loss: 'died with its worker', isSurelyDead: false, action: 'leave' },
			reason: expect.stringMatching(/^a process of n8n may still run it without a job/),
		});
	const queued = { ...row, mode: 'webhook' } as const;
	expect(await planFor({ row: queued, saved: { hasInput: true }, world })).toMatchObject({
		...{ isSurelyDead: true, action: 'enqueue again' },
	});
});

it('what crashed with a job that nobody has found stalled yet is named, and what somebody holds is not', async () => {
	for (const [held, loss] of [
		[false, 'died with its worker'],
		[true, undefined],
	] as const) {
		const world = new LostWorld(1);
		const id = world.begin();
		world.take(0);
		if (!held) world.lose(0, 'dead');
		world.pass(2 * MINUTE_MS);
		Object.assign(world.rows.get(id)!, { status: 'crashed', stoppedAt: world.clock.now() });
		const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);
		const scan = ledger.scan();
		await world.clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
		expect((await scan).lost[0]?.loss).toBe(loss);
	}
});

it('what somebody tries again, or has tried, is named and left to him', async () => {
	for (const status of ['running', 'error'] as const)
		expect(await planFor({ ...crashed, retry: { status, mode: 'retry' } })).toMatchObject({
			...{ loss: 'died with its worker', action: 'leave' },
			reason: expect.stringMatching(
				new RegExp(`^execution \\d+ tries it again, and is ${status}$`),
			),
		});
});

it('all newer executions are asked for retries once, and before something is done about it', async () => {
	const world = new LostWorld(2);
	const at = world.clock.now();
	const id = world.beginRow({ status: 'crashed', startedAt: at, stoppedAt: at });
	world.pass(5 * MINUTE_MS);
	for (let others = 0; others < 5_000; others++) world.beginRow({ status: 'success' });
	const { sources } = world;
	const { executions } = sources.database!;
	const askedAfter: Array<string | undefined> = [];
	const retriesOf: typeof executions.retriesOf = async (asked, after) => {
		askedAfter.push(after);
		return await executions.retriesOf(asked, after);
	};
	const database = { ...sources.database!, executions: { ...executions, retriesOf } };
	const ledger = new ExecutionLedger({ ...sources, database }, world.clock, RECOVERY_DEFAULTS);
	await ledger.glance();
	world.pass(5_000);
	const retry = world.beginRow({ status: 'canceled', mode: 'retry', retryOf: id });
	await ledger.glance();
	world.pass(5_000);
	expect((await ledger.glance()).lost).toMatchObject([{ retriedBy: { id: retry } }]);
	await ledger.scanOf([id]);
	expect(askedAfter).toEqual([undefined, '4001', '4002', undefined]);
});

it('what ran within another execution is left to that one', async () => {
	const row = { status: 'crashed', mode: 'integrated' } as const;
	expect(await planFor({ ...crashed, row })).toMatchObject({
		...{ loss: 'died with its worker', action: 'leave' },
		reason: 'another execution has begun it, and its saved data does not say which',
	});
});

it('a retry that brought an execution back is not brought back itself', async () => {
	const records = new MemoryRecoveryRecords();
	const world = new LostWorld(2);
	const origin = world.beginRow({ status: 'crashed' });
	const by = { name: 'alice', role: 'operator', via: 'token' } as const;
	await records.save(
		{
			...{ executionId: origin, workflowId: 'w', attempt: 1, claimId: 'c', by, evidence: [] },
			...{ claimedAt: 0, updatedAt: 0, loss: 'died with its worker', action: 'retry' },
			...{ reason: '', step: 'retried', retriedAs: '2' },
		},
		undefined,
	);
	const row = { status: 'crashed', mode: 'retry', retryOf: origin } as const;
	expect(await planFor({ ...crashed, row, world, records })).toMatchObject({
		action: 'leave',
		reason: `it is what execution ${origin} was brought back as, which is done once`,
	});
});

it('what was not read of those that have ended is said, and read at later looks', async () => {
	const world = new LostWorld(2);
	const at = world.clock.now();
	const ended = { status: 'crashed', createdAt: at, startedAt: at, stoppedAt: at } as const;
	for (let count = 0; count < 700; count++) world.beginRow(ended);
	world.unreadable.add('3');
	world.pass(MINUTE_MS);
	const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);
	const scanned = async () => {
		const scan = ledger.scan();
		await world.clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
		return await scan;
	};
	const first = await scanned();
	expect(first.lost).toHaveLength(499);
	expect(first.gaps.map(({ cannotKnow }) => cannotKnow)).toEqual([
		'whether 200 others that have ended are lost: ask again',
		'whether executions that have ended are lost: 3',
	]);
	world.pass(MINUTE_MS);
	const second = await scanned();
	expect(second.lost).toHaveLength(699);
	expect(second.gaps.map(({ cannotKnow }) => cannotKnow)).toEqual([
		'whether executions that have ended are lost: 3',
	]);
});

it('data that cannot be read is told at each look, read again within hours, and keeps none from being read', async () => {
	const world = new LostWorld(2);
	const at = world.clock.now();
	const ended = { status: 'crashed', createdAt: at, startedAt: at, stoppedAt: at } as const;
	for (let count = 0; count < 600; count++) world.unreadable.add(world.beginRow(ended));
	const newest = world.beginRow(ended);
	const { sources } = world;
	const { executions } = sources.database!;
	const read: string[] = [];
	const progressOf: typeof executions.progressOf = async (ids) => {
		read.push(...ids);
		return await executions.progressOf(ids);
	};
	const database = { ...sources.database!, executions: { ...executions, progressOf } };
	const ledger = new ExecutionLedger({ ...sources, database }, world.clock, RECOVERY_DEFAULTS);
	const glanced = async () => {
		world.pass(MINUTE_MS);
		read.length = 0;
		const { lost, gaps } = await ledger.glance();
		return { lost: lost.map(({ row }) => row.id), gaps };
	};
	await glanced();
	await glanced();
	expect(read).toHaveLength(101);
	expect((await glanced()).lost).toEqual([newest]);
	const { gaps } = await glanced();
	expect(read).toEqual([]);
	expect(gaps.map(({ why, cannotKnow }) => [why, cannotKnow])).toEqual([
		['too large', 'whether executions that have ended are lost: 1, 2, 3, 4, 5 and 595 more'],
	]);
	world.unreadable.clear();
	Object.assign(world.rows.get('3')!, { stoppedAt: at + 1 });
	expect((await glanced()).gaps[0]!.cannotKnow).not.toContain('3,');
	expect(read).toEqual(['3']);
	world.pass(60 * MINUTE_MS);
	await glanced();
	expect(read).toEqual(['1', '2', ...Array.from({ length: 8 }, (_, place) => `${place + 4}`)]);
	await glanced();
	expect((await glanced()).lost).toEqual(expect.arrayContaining(['1', '2', '3', newest]));
});

it('what seemed lost and cannot be looked at again is not named, and that is said', async () => {
	const world = new LostWorld(2);
	world.beginRow();
	world.pass(MINUTE_MS);
	const { sources } = world;
	const down = () => Promise.reject(new Error('connection refused'));
	const database = {
		...sources.database!,
		executions: { ...sources.database!.executions, retriesOf: down },
	};
	const ledger = new ExecutionLedger({ ...sources, database }, world.clock, RECOVERY_DEFAULTS);
	const { lost, gaps } = await ledger.glance();
	expect(lost).toEqual([]);
	expect(gaps).toEqual([
		expect.objectContaining({ source: 'database', cannotKnow: 'whether what seemed lost is so' }),
	]);
});

it('what n8n marked as crashed, and later as failed, stays named', async () => {
	const world = new LostWorld(2);
	const at = world.clock.now();
	const id = world.beginRow({ status: 'crashed', createdAt: at, startedAt: at, stoppedAt: at });
	world.saved.set(id, { hasError: true, failedBecause: CRASHED, hasInput: true });
	const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);
	for (const status of ['crashed', 'error'] as const) {
		world.pass(MINUTE_MS);
		Object.assign(world.rows.get(id)!, { status, stoppedAt: world.clock.now() });
		if (status === 'error') world.saved.set(id, { hasError: true, failedBecause: STALLED });
		const scan = ledger.scan();
		await world.clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
		expect((await scan).lost).toMatchObject([{ row: { id }, loss: 'died with its worker' }]);
	}
});

it('what n8n has saved while a step was under way is lost, and neither a success nor gone on with', async () => {
	const saved = { lastNode: 'Model', isWithinStep: true, hasInput: false };
	for (const more of [{}, { hasError: true, failedBecause: CRASHED }])
		expect(
			await planFor({ row: { status: 'crashed' }, saved: { ...saved, ...more } }),
		).toMatchObject({
			...{ loss: 'died with its worker', action: 'leave' },
			reason: expect.stringContaining('would leave that step out'),
		});
});

it('what n8n has marked as crashed is lost, though its data is kept where nobody can look', async () => {
	const saved = { isSaved: false, hasInput: false, goesOnWith: [] };
	expect(await planFor({ ...crashed, saved })).toMatchObject({
		...{ loss: 'died with its worker', action: 'leave' },
		reason: expect.stringContaining('retry it in n8n'),
		evidence: expect.arrayContaining([
			{ source: 'saved data', says: expect.stringContaining('out of the database') },
		]),
	});
});

it('that nobody can look at the data of what has failed is said', async () => {
	const world = new LostWorld(2);
	const at = world.clock.now();
	const times = { createdAt: at, startedAt: at, stoppedAt: at + MINUTE_MS };
	const id = world.beginRow({ status: 'error', ...times });
	const retried = world.beginRow({ status: 'error', ...times, retrySuccessId: '99' });
	for (const one of [id, retried])
		world.saved.set(one, { isSaved: false, hasInput: false, goesOnWith: [] });
	world.pass(5 * MINUTE_MS);
	const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);
	for (let look = 0; look < 2; look++)
		expect((await ledger.glance()).gaps).toMatchObject([
			{
				source: 'saved data',
				why: expect.stringContaining('out of the database'),
				cannotKnow: `whether executions that have failed are lost: ${id}`,
			},
		]);
});
