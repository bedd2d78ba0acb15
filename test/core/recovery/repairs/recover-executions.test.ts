import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';
import { actions, ALICE, apply, deadOne, foresee, outcomes, replicaOf, TAG } from '../recovering';

it('runs again what died with its worker where its workflow is tagged, once', async () => {
	const world = new LostWorld(2);
	const records = new MemoryRecoveryRecords();
	const id = deadOne(world);
	const replica = replicaOf(world, records);
	expect(await foresee(world, replica)).toMatchObject({ steps: [{ action: 'leave' }] });
	world.tags = [TAG];
	const report = await apply(world, replica, await foresee(world, replica));
	expect(outcomes(report)).toEqual(['done']);
	expect(world.rows.get(id)!.status).toBe('new');
	// Under the id of the job for whose end n8n may still wait.
	expect([...world.jobs.keys()]).toEqual([id]);
	expect(await records.list(9)).toMatchObject({
		records: [{ executionId: id, step: 'enqueued', by: ALICE, attempt: 1 }],
	});

	world.take(1);
	world.pass(60_000);
	world.lose(1, 'dead');
	world.pass(30_000);
	const { steps } = await foresee(world, replica);
	expect(steps).toMatchObject([{ action: 'leave', reason: expect.stringContaining('1 of 1') }]);
});

it('runs nothing again that a worker which is cut off may still run', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	world.begin();
	world.take(0);
	world.lose(0, 'cut off');
	world.pass(120_000);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	expect(actions(await foresee(world, replica))).toEqual(['leave']);
	expect(actions(await foresee(world, replica, { silentWorkers: 'are dead' }))).toEqual(['leave']);
});

it('takes somebody at their word that silent workers are dead', async () => {
	const world = new LostWorld(2);
	world.areHealthChecksKnown = false;
	world.tags = [TAG];
	deadOne(world);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	expect(actions(await foresee(world, replica))).toEqual(['leave']);
	expect(actions(await foresee(world, replica, { silentWorkers: 'are dead' }))).toEqual([
		'enqueue again',
	]);
});

it('marks as crashed what may not run again, where that is wanted', async () => {
	const world = new LostWorld(2);
	const id = deadOne(world);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	const outlook = await foresee(world, replica, { unsafe: 'mark crashed' });
	expect(actions(outlook)).toEqual(['mark as crashed']);
	expect(outlook.summary).toBe(
		'1 execution is lost: 0 can be brought back, 1 would be marked as they ended, 0 are left',
	);
	expect(outcomes(await apply(world, replica, outlook))).toEqual(['done']);
	expect(world.rows.get(id)!.status).toBe('crashed');
});

it.each(['running', 'crashed'] as const)(
	'leaves what `n8n execute` began, and is %s since, to whoever knows whether that still runs it',
	async (status) => {
		const world = new LostWorld(1);
		world.tags = [TAG];
		const id = world.beginRow({ status: 'running', mode: 'cli', startedAt: world.clock.now() });
		world.pass(60_000);
		for (let times = 0; times < 2; times++) {
			world.restart(world.workers.length - 1);
			world.pass(70_000);
		}
		Object.assign(world.rows.get(id)!, { status });
		const { steps } = await foresee(world, replicaOf(world, new MemoryRecoveryRecords()));
		expect(steps).toMatchObject([
			{ action: 'leave', reason: expect.stringMatching(/a process of `n8n execute` may/) },
		]);
	},
);
