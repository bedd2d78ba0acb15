import assert from 'node:assert/strict';

import fc from 'fast-check';

import { recoverExecutions, RECOVERY_DEFAULTS } from '../../../core/recovery';
import { LostWorld } from '../../support/lost-world';
import { MemoryRecoveryRecords } from '../../support/memory-recovery-records';
import { actions, apply, deadOne, foresee, outcomes, partsOf, replicaOf, TAG } from './recovering';

it('gives up where what was found is not so any more', async () => {
	const world = new LostWorld(1);
	const records = new MemoryRecoveryRecords();
	const id = world.beginRow();
	world.pass(RECOVERY_DEFAULTS.unqueuedSettleMs);
	const replica = replicaOf(world, records);
	const outlook = await foresee(world, replica);
	expect(actions(outlook)).toEqual(['enqueue again']);
	Object.assign(world.rows.get(id)!, { status: 'canceled' });
	expect(outcomes(await apply(world, replica, outlook))).toEqual(['left']);
	expect(world.jobs.size).toBe(0);
	// That did not count as an attempt.
	Object.assign(world.rows.get(id)!, { status: 'new' });
	expect(actions(await foresee(world, replica))).toEqual(['enqueue again']);
});

it('brings nothing back twice, however many replicas try and wherever they break off', async () => {
	let broughtBack = 0;
	const property = fc.asyncProperty(
		fc.array(fc.constantFrom('dead', 'no job'), { minLength: 1, maxLength: 6 }),
		fc.integer({ min: 1, max: 3 }),
		fc.array(fc.option(fc.nat(40)), { minLength: 1, maxLength: 4 }),
		async (losses, replicas, breaks) => {
			const world = new LostWorld(2);
			world.tags = [TAG];
			const records = new MemoryRecoveryRecords();
			for (const loss of losses) {
				if (loss === 'no job') world.beginRow();
				else {
					world.begin();
					world.take(0);
				}
			}
			world.pass(60_000);
			world.lose(0, 'dead');
			world.pass(30_000);
			for (const breaksAt of breaks) {
				const all = Array.from({ length: replicas }, () => replicaOf(world, records));
				const outlooks = await Promise.all(all.map((replica) => foresee(world, replica)));
				// The process ends at some question: nothing of it is asked or done from there on.
				if (breaksAt !== null)
					world.meanwhile.push(...Array<() => void>(breaksAt).fill(() => undefined), () => {
						throw new Error('the process has ended');
					});
				await Promise.all(
					all.map(async (replica, index) => {
						await apply(world, replica, outlooks[index]!).catch(() => undefined);
					}),
				);
				world.meanwhile.length = 0;
				// Who has broken off does not hold others up for longer.
				world.pass(RECOVERY_DEFAULTS.claimLeaseMs);
			}
			const again = replicaOf(world, records);
			await apply(world, again, await foresee(world, again));
			for (const id of world.rows.keys()) {
				const jobs = [...world.jobs.values()].filter(({ executionId }) => executionId === id);
				assert.equal(jobs.length, 1, `execution ${id} has ${jobs.length} jobs`);
				assert.equal(world.broughtBack.get(id), 1, `execution ${id}`);
				broughtBack++;
			}
		},
	);
	await fc.assert(property, { numRuns: 100 });
	expect(broughtBack).toBeGreaterThan(100);
});

it('goes on in the pool of the job that was taken away', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const id = deadOne(world);
	world.jobs.get(id)!.pool = 'large';
	const records = new MemoryRecoveryRecords();
	const pools: string[] = [];
	const parts = partsOf(world, records);
	const { queueMode } = parts.sources;
	const enqueue = queueMode!.queue.enqueue.bind(queueMode!.queue);
	queueMode!.queue.enqueue = async (wanted) => {
		pools.push(wanted.pool);
		if (pools.length === 1) throw new Error('the way to Redis is cut');
		return await enqueue(wanted);
	};
	const replica = recoverExecutions(parts);
	const first = await apply(world, replica, await foresee(world, replica));
	expect(outcomes(first)).toEqual(['failed']);
	world.pass(RECOVERY_DEFAULTS.claimLeaseMs);
	// Its row says that nobody has begun it, which is not so.
	world.tags = [];
	expect(actions(await foresee(world, replica))).toEqual(['leave']);
	world.tags = [TAG];
	const second = await apply(world, replica, await foresee(world, replica));
	expect(outcomes(second)).toEqual(['done']);
	expect(pools).toEqual(['large', 'large']);
});

it('goes on at once where another replica broke off that had taken the dead job away', async () => {
	const world = new LostWorld(2);
	const id = world.begin();
	world.loseJob(1);
	world.pass(10_000);
	const records = new MemoryRecoveryRecords();
	const broken = partsOf(world, records);
	broken.sources.queueMode!.queue.enqueue = () => Promise.reject(new Error('it has ended'));
	const first = recoverExecutions(broken);
	expect(outcomes(await apply(world, first, await foresee(world, first)))).toEqual(['failed']);
	world.pass(RECOVERY_DEFAULTS.claimLeaseMs);
	const other = replicaOf(world, records);
	const outlook = await foresee(world, other);
	expect(outlook.steps).toMatchObject([
		{ action: 'enqueue again', reason: expect.stringContaining('came as far as "unqueued"') },
	]);
	expect(outcomes(await apply(world, other, outlook))).toEqual(['done']);
	expect([...world.jobs.keys()]).toEqual([id]);
	expect(world.clock.now() - world.rows.get(id)!.createdAt).toBeLessThan(
		RECOVERY_DEFAULTS.unqueuedSettleMs,
	);
	// Of one that nobody has seen to have a job it is not known.
	const unseen = world.beginRow();
	world.pass(60_000);
	const { steps } = await foresee(world, other, { executionIds: [unseen] });
	expect(steps).toMatchObject([{ action: 'leave', reason: expect.stringContaining('16 min') }]);
});

it('changes nothing of what was enqueued before by somebody who keeps other records', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const id = world.beginRow();
	world.pass(60_000);
	const one = replicaOf(world, new MemoryRecoveryRecords());
	expect(outcomes(await apply(world, one, await foresee(world, one)))).toEqual(['done']);
	world.jobs.clear();
	Object.assign(world.rows.get(id)!, { status: 'running', startedAt: world.clock.now() });
	world.restartMain();
	world.pass(60_000);
	const other = replicaOf(world, new MemoryRecoveryRecords());
	const report = await apply(world, other, await foresee(world, other));
	expect(report.steps).toMatchObject([
		{ outcome: 'left', detail: expect.stringContaining('was enqueued before') },
	]);
	expect(world.rows.get(id)!.status).toBe('running');
	expect(world.jobs.size).toBe(0);
});
