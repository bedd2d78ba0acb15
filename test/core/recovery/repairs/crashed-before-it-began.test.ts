import type { N8nApi } from '../../../../core/ports/stack';
import { recoverExecutions } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';
import { actions, apply, deadOne, foresee, outcomes, partsOf, TAG } from '../recovering';

/** What is enqueued again is marked as crashed by the worker that ran it before, when that comes back with its folder. */
async function markedWhileItWaits() {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const id = deadOne(world);
	const retried: string[] = [];
	const api: Partial<N8nApi> = {
		hasKey: true,
		retry: (of) => {
			retried.push(of);
			return Promise.resolve(world.beginRow({ mode: 'retry', retryOf: of }));
		},
	};
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const replica = recoverExecutions({
		...parts,
		sources: { ...parts.sources, api: api as N8nApi },
	});
	expect(outcomes(await apply(world, replica, await foresee(world, replica)))).toEqual(['done']);
	const mark = (what: string) => {
		Object.assign(world.rows.get(what)!, { status: 'crashed', stoppedAt: world.clock.now() });
		const failedBecause = 'Workflow did not finish, possible out-of-memory issue';
		world.saved.set(what, { hasError: true, failedBecause });
	};
	return { world, replica, id, retried, mark };
}

it('what is marked as crashed while it waits to be run again is run again all the same, once', async () => {
	const { world, replica, id, retried, mark } = await markedWhileItWaits();
	mark(id);
	// The worker that takes its job finds it crashed, and ends.
	world.jobs.clear();
	world.pass(30_000);
	const outlook = await foresee(world, replica);
	expect(actions(outlook)).toEqual(['retry']);
	expect(outcomes(await apply(world, replica, outlook))).toEqual(['done']);
	expect(retried).toEqual([id]);

	const [, retry] = [...world.rows.keys()];
	world.rows.get(retry!)!.startedAt = world.clock.now();
	mark(retry!);
	world.pass(30_000);
	expect(actions(await foresee(world, replica))).toEqual(['leave', 'leave']);
	world.rows.delete(retry!);
	expect(await foresee(world, replica)).toMatchObject({
		steps: [{ action: 'leave', reason: expect.stringContaining('1 of 1 times') }],
	});
});

it('what was begun again before it was marked as crashed has had its attempt', async () => {
	const { world, replica, id, mark } = await markedWhileItWaits();
	world.take(1);
	mark(id);
	world.lose(1, 'dead');
	world.jobs.clear();
	world.pass(30_000);
	expect(actions(await foresee(world, replica))).toEqual(['leave']);
});

it('what was marked as crashed while it waited runs again only as long as its workflow may run twice', async () => {
	const { world, replica, id, mark } = await markedWhileItWaits();
	mark(id);
	world.jobs.clear();
	world.tags = [];
	world.pass(30_000);
	expect(await foresee(world, replica)).toMatchObject({
		steps: [{ action: 'leave', reason: expect.stringContaining('nothing says') }],
	});
});

describe('what waited, was brought back, and crashed before it began', () => {
	async function crashedOnItsWay() {
		const world = new LostWorld(2);
		const id = world.wait(60_000);
		world.pass(10 * 60_000);
		const parts = partsOf(world, new MemoryRecoveryRecords());
		const sources = { ...parts.sources, api: { hasKey: true } as never };
		const replica = recoverExecutions({ ...parts, sources });
		expect(outcomes(await apply(world, replica, await foresee(world, replica)))).toEqual(['done']);
		world.takeOnly(1);
		const failedBecause = 'Workflow did not finish, possible out-of-memory issue';
		world.saved.set(id, { hasError: true, failedBecause });
		Object.assign(world.rows.get(id)!, { status: 'crashed', stoppedAt: world.clock.now() });
		return { world, replica };
	}

	it('is run again where its worker is dead', async () => {
		const { world, replica } = await crashedOnItsWay();
		world.lose(1, 'dead');
		world.pass(90_000);
		expect(actions(await foresee(world, replica))).toEqual(['retry']);
	});

	it('is left where that may be about to begin', async () => {
		const { world, replica } = await crashedOnItsWay();
		world.lose(1, 'cut off');
		world.pass(90_000);
		for (const silentWorkers of ['may live', 'are dead'] as const)
			expect(await foresee(world, replica, { silentWorkers })).toMatchObject({
				steps: [{ action: 'leave', reason: expect.stringContaining('zombie') }],
			});
	});

	it('is left where nobody knows whether that is dead, unless somebody says so', async () => {
		const { world, replica } = await crashedOnItsWay();
		world.areHealthChecksKnown = false;
		world.lose(1, 'dead');
		world.pass(90_000);
		expect(actions(await foresee(world, replica))).toEqual(['leave']);
		const known = await foresee(world, replica, { silentWorkers: 'are dead' });
		expect(actions(known)).toEqual(['retry']);
	});
});
