import { LostWorld } from '../../../support/lost-world';
import { named, watch } from '../recovering';

describe('an execution that', () => {
	it('has a row and no job never reached a worker', async () => {
		const world = new LostWorld(1);
		const id = world.beginRow();
		expect(named(await watch(world, 10_000))).toEqual([]);
		expect(named(await watch(world, 5_000))).toEqual([[id, 'never reached a worker']]);
	});

	it('was taken off the queue by nobody who holds it never reached a worker', async () => {
		const world = new LostWorld(1);
		const id = world.begin();
		world.loseJob(1);
		const { lost } = await watch(world, 5_000);
		expect(lost).toMatchObject([
			{ row: { id }, loss: 'never reached a worker', isSurelyDead: true, job: { state: 'active' } },
		]);
		expect(lost[0]!.evidence.map(({ source }) => source)).toEqual(
			expect.arrayContaining(['database', 'queue', 'workers', 'n8n metrics']),
		);
	});

	it('was taken by a worker that is paused before it begins may yet be run', async () => {
		const world = new LostWorld(2);
		const id = world.begin();
		world.takeOnly(0);
		world.lose(0, 'stalled');
		expect(named(await watch(world, 100_000))).toEqual([[id, 'run by a zombie']]);
		const { lost } = await watch(world, 5_000);
		expect(lost).toMatchObject([{ row: { id }, isSurelyDead: false }]);
	});

	it('waits in the queue is not lost, however long', async () => {
		const world = new LostWorld(1);
		world.begin();
		expect(named(await watch(world, 600_000, 30_000))).toEqual([]);
	});

	it('is old is not hidden by any number of newer ones', async () => {
		const world = new LostWorld(1);
		const id = world.beginRow();
		for (let newer = 0; newer < 2_500; newer++) {
			world.begin();
			world.take(0);
		}
		expect(named(await watch(world, 15_000))).toEqual([[id, 'never reached a worker']]);
	});
});
