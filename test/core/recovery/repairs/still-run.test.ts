import { RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { named, watch } from '../recovering';

describe('an execution that', () => {
	it('may run on a worker that is only cut off from Redis is not taken for dead', async () => {
		const world = new LostWorld(2);
		const id = world.begin();
		world.take(0);
		world.lose(0, 'cut off');
		expect(named(await watch(world, 30_000))).toEqual([[id, 'run by a zombie']]);
		expect(named(await watch(world, 300_000))).toEqual([[id, 'run by a zombie']]);
	});

	it('runs on a worker whose event loop stands still for a while is not lost', async () => {
		const world = new LostWorld(2);
		world.begin();
		world.take(0);
		world.lose(0, 'stalled');
		expect(named(await watch(world, 20_000))).toEqual([]);
	});

	it('runs for far longer than it may hangs, where somebody still runs it', async () => {
		const world = new LostWorld(1);
		const id = world.begin();
		world.take(0);
		const { hangsAfterMs } = RECOVERY_DEFAULTS;
		expect(named(await watch(world, hangsAfterMs - 60_000, 60_000))).toEqual([]);
		expect(named(await watch(world, 180_000, 60_000))).toEqual([[id, 'hangs']]);
	});

	it('has waited for long hangs only when it runs for long since it went on', async () => {
		const world = new LostWorld(1);
		const { hangsAfterMs } = RECOVERY_DEFAULTS;
		const id = world.goOn(10 * hangsAfterMs);
		world.take(0);
		expect(named(await watch(world, hangsAfterMs - 60_000, 60_000))).toEqual([]);
		expect(named(await watch(world, 180_000, 60_000))).toEqual([[id, 'hangs']]);
	});

	it('waits past its time is named, but not one that waits for something else', async () => {
		const world = new LostWorld(1);
		const waitTill = world.clock.now();
		const id = world.beginRow({ status: 'waiting', waitTill });
		world.beginRow({ status: 'waiting', waitTill: Date.UTC(3000, 0, 1) });
		expect(named(await watch(world, 180_000))).toEqual([]);
		expect(named(await watch(world, 10_000))).toEqual([[id, 'waits past its time']]);
	});

	it('runs within a process that goes on with it after a wait is not lost', async () => {
		const world = new LostWorld(1);
		const startedAt = world.clock.now() - 3_600_000;
		world.beginRow({ status: 'running', mode: 'manual', startedAt, stoppedAt: startedAt });
		expect(named(await watch(world, 60_000))).toEqual([]);
	});
});
