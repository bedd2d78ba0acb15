import assert from 'node:assert/strict';

import fc from 'fast-check';

import { ExecutionLedger, recoverExecutions, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';
import { actions, apply, deadOne, foresee, outcomes, partsOf, replicaOf, TAG } from '../recovering';

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

/** A replica that meets something else between its last look and what it does. */
function replicaThatMeets(world: LostWorld, what: () => void) {
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { queueMode } = parts.sources;
	const { queue } = queueMode!;
	const wasEnqueued: typeof queue.wasEnqueued = async (request) => {
		const answer = await queue.wasEnqueued(request);
		what();
		return answer;
	};
	const sources = {
		...parts.sources,
		queueMode: { ...queueMode!, queue: { ...queue, wasEnqueued } },
	};
	return recoverExecutions({ ...parts, sources });
}

it('leaves what somebody begins to retry himself after the last look', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const at = world.clock.now();
	const id = world.beginRow({ status: 'crashed', startedAt: at, stoppedAt: at });
	world.pass(60_000);
	const retry = () => world.beginRow({ mode: 'retry', retryOf: id });
	const replica = replicaThatMeets(world, retry);
	const outlook = await foresee(world, replica);
	expect(actions(outlook)).toEqual(['enqueue again']);
	expect((await apply(world, replica, outlook)).steps).toMatchObject([
		{ outcome: 'left', detail: 'execution 2 tries it again' },
	]);
	expect(world.rows.get(id)!.status).toBe('crashed');
	expect(world.jobs.size).toBe(0);
});

it('leaves what somebody stops after the last look, though it never began', async () => {
	const world = new LostWorld(2);
	const id = world.beginRow();
	world.pass(RECOVERY_DEFAULTS.unqueuedSettleMs);
	const stop = () => Object.assign(world.rows.get(id)!, { status: 'canceled' });
	const replica = replicaThatMeets(world, stop);
	const outlook = await foresee(world, replica);
	expect(actions(outlook)).toEqual(['enqueue again']);
	expect(outcomes(await apply(world, replica, outlook))).toEqual(['left']);
	expect(world.jobs.size).toBe(0);
});

it('runs nothing by what a database says that lags behind the one n8n writes to', async () => {
	const world = new LostWorld(2);
	const id = world.begin();
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { executions } = parts.sources.database!;
	const old = { ...world.rows.get(id)! };
	const lagging = {
		...executions,
		withStatus: () => Promise.resolve({ rows: [old], next: undefined }),
		find: () => Promise.resolve([old]),
	};
	world.take(0);
	world.finish(0);
	world.pass(RECOVERY_DEFAULTS.unqueuedSettleMs);
	const sources = {
		...parts.sources,
		database: { ...parts.sources.database!, executions: lagging },
	};
	const replica = recoverExecutions({
		...{ ...parts, sources },
		ledger: new ExecutionLedger(sources, world.clock, RECOVERY_DEFAULTS),
	});
	const outlook = await foresee(world, replica);
	expect(actions(outlook)).toEqual(['enqueue again']);
	expect(outcomes(await apply(world, replica, outlook))).toEqual(['left']);
	expect(world.jobs.size).toBe(0);
	expect(world.rows.get(id)!.status).toBe('success');
});

it('takes no job away from what never began where its row cannot be written', async () => {
	const world = new LostWorld(1);
	world.begin();
	world.loseJob(1);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { database } = parts.sources;
	const renew = () => Promise.reject(new Error('permission denied'));
	const executions = { ...database!.executions, renew };
	const sources = { ...parts.sources, database: { ...database!, executions } };
	const replica = recoverExecutions({ ...parts, sources });
	const outlook = await foresee(world, replica);
	expect(actions(outlook)).toEqual(['enqueue again']);
	expect((await apply(world, replica, outlook)).steps).toMatchObject([
		{ outcome: 'failed', detail: 'permission denied' },
	]);
	expect(world.jobs.size).toBe(1);
});
