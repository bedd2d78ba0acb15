import type { WorkflowView } from '../../../../core/ports/stack';
import {
	ExecutionLedger,
	lostToRecover,
	MOST_AT_ONCE,
	planRepairs,
	recoverExecutions,
	RECOVERY_DEFAULTS,
} from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';
import {
	ALICE,
	apply,
	deadOne,
	foresee,
	outcomes,
	partsOf,
	replicaOf,
	settled,
	signal,
	TAG,
} from '../recovering';

it('names the executions that it was given and that are not lost, or that there are none of', async () => {
	const world = new LostWorld(1);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	const dead = deadOne(world);
	const waiting = world.begin();
	const both = await foresee(world, replica, { executionIds: [dead, waiting, '98', '99'] });
	expect(both.steps).toHaveLength(1);
	expect(both.summary).toMatch(
		new RegExp(
			`^1 execution is lost: .*; not known to be lost: ${waiting}; no execution has this ID: 98, 99$`,
		),
	);
	const none = await foresee(world, replica, { executionIds: ['99'] });
	expect(none.summary).toBe('No execution is known to be lost; no execution has this ID: 99');
});

it('plans first for what can be brought back, however much is left before it', async () => {
	const world = new LostWorld(2);
	for (let left = 0; left < MOST_AT_ONCE; left++) {
		world.begin();
		world.take(0);
	}
	world.lose(0, 'dead');
	const curable = world.beginRow();
	world.pass(RECOVERY_DEFAULTS.unqueuedSettleMs);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const choices = { silentWorkers: 'may live', unsafe: 'leave' } as const;
	const found = await settled(world, lostToRecover(parts, choices, signal));
	const { executionIds, lostInAll } = found;
	expect([executionIds.length, executionIds[0]]).toEqual([MOST_AT_ONCE, curable]);
	expect(lostInAll).toBe(MOST_AT_ONCE + 1);
	const { summary } = await foresee(world, recoverExecutions(parts), found);
	expect(summary).toBe(
		`${lostInAll} executions are lost; of ${MOST_AT_ONCE} that this plan takes, 1 can be brought back, ${MOST_AT_ONCE - 1} are left; plan again for the others`,
	);
});

it('knows of each of thousands that are lost what was tried before', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const records = new MemoryRecoveryRecords();
	const parts = partsOf(world, records);
	for (let count = 0; count < 2_500; count++) world.beginRow();
	world.pass(60_000);
	const { lost } = await settled(world, parts.ledger.scan());
	const { executions } = parts.sources.database!;
	const asked: number[] = [];
	const progressOf: typeof executions.progressOf = async (ids) => {
		asked.push(ids.length);
		return await executions.progressOf(ids);
	};
	const database = { ...parts.sources.database!, executions: { ...executions, progressOf } };
	const choices = { silentWorkers: 'may live', unsafe: 'leave' } as const;
	const last = lost.at(-1)!.row.id;
	const known = {
		...{ executionId: last, workflowId: 'w', attempt: 1, claimId: 'c', by: ALICE },
		...{ claimedAt: 0, updatedAt: 0, loss: '', evidence: [], reason: '' },
		...({ action: 'enqueue again', step: 'enqueued' } as const),
	};
	await records.save(known, undefined);
	const sources = { ...parts.sources, database };
	const planned = await planRepairs({ ...parts, sources }, lost, choices);
	expect(asked).toEqual([2_500]);
	const left = planned.filter(({ repair }) => repair.action === 'leave');
	expect([planned.length, left.length]).toEqual([2_500, 1]);
	expect(left).toMatchObject([{ lost: { row: { id: last } }, record: known }]);
});

it('asks once what all of thousands run of which no tag says whether that may run twice', async () => {
	const world = new LostWorld(2);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	for (let count = 0; count < 2_500; count++) world.beginRow();
	world.pass(60_000);
	const { lost } = await settled(world, parts.ledger.scan());
	const { executions } = parts.sources.database!;
	const asked: Array<readonly string[]> = [];
	const executedWorkflows: typeof executions.executedWorkflows = (ids) => {
		asked.push(ids);
		return executions.executedWorkflows(ids);
	};
	const database = { ...parts.sources.database!, executions: { ...executions, executedWorkflows } };
	const sources = { ...parts.sources, database };
	const choices = { silentWorkers: 'may live', unsafe: 'leave' } as const;
	const planned = await planRepairs({ ...parts, sources }, lost, choices);
	expect(asked).toEqual([lost.map(({ row }) => row.id)]);
	expect(planned.map(({ lost: { row } }) => row.id)).toEqual(asked[0]);
});

it('says of an empty plan why nothing is known', async () => {
	const world = new LostWorld(1);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { database } = parts.sources;
	const down = () => Promise.reject(new Error('connection refused'));
	const sources = {
		...parts.sources,
		database: { ...database!, executions: { ...database!.executions, withStatus: down } },
	};
	const ledger = new ExecutionLedger(sources, world.clock, RECOVERY_DEFAULTS);
	const replica = recoverExecutions({ ...parts, sources, ledger });
	const { summary, steps } = await foresee(world, replica, { executionIds: [] });
	expect([summary, steps]).toEqual([
		expect.stringMatching(/^No execution is known to be lost; not known without the database: /),
		[],
	]);
});

it('goes by nothing but its row where n8n keeps the data of one elsewhere that never began', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const elsewhere = { isSaved: false, hasInput: false, goesOnWith: [] };
	world.saved.set(world.beginRow(), elsewhere);
	world.saved.set(world.beginRow({ mode: 'manual' }), elsewhere);
	const times = { startedAt: world.clock.now(), stoppedAt: world.clock.now() };
	world.saved.set(world.beginRow({ status: 'crashed', ...times }), elsewhere);
	world.pass(RECOVERY_DEFAULTS.unqueuedSettleMs);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	const outlook = await foresee(world, replica);
	expect(outlook.steps).toMatchObject([
		{ subject: 'execution 1 of "w"', action: 'enqueue again' },
		{
			...{ subject: 'execution 3 of "w"', action: 'leave' },
			reason: expect.stringContaining('its data is not in the database'),
		},
	]);
	expect(outcomes(await apply(world, replica, outlook))).toEqual(['done', 'left']);
});

it('tells a workflow that cannot be read from one that is gone', async () => {
	const world = new LostWorld(2);
	deadOne(world);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { database } = parts.sources;
	const plannedWith = async (find: WorkflowView['find']) => {
		const workflows = { ...database!.workflows, find };
		const sources = { ...parts.sources, database: { ...database!, workflows } };
		return await foresee(world, recoverExecutions({ ...parts, sources }));
	};
	const denied = () => Promise.reject(new Error('permission denied for table tag_entity'));
	expect(await plannedWith(denied)).toMatchObject({
		summary: expect.stringMatching(/; their workflows cannot be read: .*permission denied for /),
		steps: [{ subject: 'execution 1 of a workflow that cannot be read' }],
	});
	expect(await plannedWith(() => Promise.resolve([]))).toMatchObject({
		summary: expect.not.stringContaining('cannot be read'),
		steps: [{ subject: 'execution 1 of a workflow that is gone' }],
	});
});

it('says of what it cannot read that it cannot, not that there is no Run Once step', async () => {
	const world = new LostWorld(2);
	deadOne(world);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { database } = parts.sources;
	const down = () => {
		throw new Error('connection refused');
	};
	const plannedWith = async (executedWorkflows: () => never) => {
		const executions = { ...database!.executions, executedWorkflows };
		const sources = { ...parts.sources, database: { ...database!, executions } };
		return (await foresee(world, recoverExecutions({ ...parts, sources }))).steps;
	};
	expect(await plannedWith(down)).toMatchObject([
		{
			action: 'leave',
			reason: expect.stringMatching(/what it runs cannot be read: .*connection refused/),
		},
	]);
	expect(await plannedWith(() => [] as never)).toMatchObject([
		{ action: 'leave', reason: expect.stringContaining('what it runs is not in the database') },
	]);
});
