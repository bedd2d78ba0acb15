import { WorkerCensus } from '../../../../core/health';
import { ExecutionLedger, RECOVERY_DEFAULTS, type LedgerReport } from '../../../../core/recovery';
import type { StackSources } from '../../../../core/stack';
import { LostWorld } from '../../../support/lost-world';
import { ledgerOf, named, settled, watch } from '../recovering';

describe('an execution that', () => {
	it('ran on a worker that is dead is named within 30 s', async () => {
		const world = new LostWorld(2);
		const id = world.begin();
		world.take(0);
		world.pass(9_000);
		world.lose(0, 'dead');
		const { lost } = await watch(world, 25_000);
		expect(lost).toMatchObject([{ row: { id }, loss: 'died with its worker', isSurelyDead: true }]);
	});

	it.each([
		['once its entry has run out', 1, 60_000],
		['while its entry stands', 1, 0],
		['together with all others, while their entries stand', 2, 0],
	])(
		'ran on a worker that is started again and again, %s, is surely dead',
		async (_, at, restMs) => {
			const world = new LostWorld(2);
			const ledger = ledgerOf(world);
			const look = (forMs: number) => watch(world, forMs, 5_000, ledger);
			await look(20_000);
			for (let times = 1; times <= 5; times++) {
				const id = world.begin();
				const newest = world.workers.length - 1;
				world.take(newest);
				for (let which = 0; which < at; which++) world.restart(newest - which);
				const { lost } = await look(20_000);
				expect(lost).toMatchObject([
					{ row: { id }, loss: 'died with its worker', isSurelyDead: true },
				]);
				Object.assign(world.rows.get(id)!, { status: 'canceled' });
				expect(named(await look(restMs))).toEqual([]);
			}
		},
	);

	it('ran on a worker that others have seen, and that is started again, is surely dead', async () => {
		const world = new LostWorld(2);
		const census = new WorkerCensus();
		for (let looks = 0; looks < 2; looks++) census.note(world.look());
		const id = world.begin();
		world.take(0);
		world.restart(0);
		world.pass(30_000);
		const scan = async (...known: WorkerCensus[]) => {
			const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS, ...known);
			return (await settled(world, ledger.scan())).lost;
		};
		expect(await scan(census)).toMatchObject([{ row: { id }, isSurelyDead: true }]);
		expect(await scan()).toMatchObject([{ row: { id }, isSurelyDead: false }]);
	});

	it('cannot be told to be dead without health checks is not surely dead', async () => {
		const world = new LostWorld(2);
		world.areHealthChecksKnown = false;
		const id = world.begin();
		world.take(0);
		world.lose(0, 'dead');
		const { lost } = await watch(world, 300_000);
		expect(lost).toMatchObject([
			{ row: { id }, loss: 'died with its worker', isSurelyDead: false },
		]);
	});

	it('runs within another has no job, and is lost only with all processes of its time', async () => {
		const world = new LostWorld(1);
		const startedAt = world.clock.now();
		const id = world.beginRow({ status: 'running', mode: 'integrated', startedAt });
		expect(named(await watch(world, 60_000))).toEqual([]);
		world.lose(0, 'dead');
		world.pass(60_000);
		world.addWorker();
		expect(named(await watch(world, 5_000))).toEqual([[id, 'died with its worker']]);
	});
});

describe('a worker whose health check nobody knows, and that is cut off, is not taken for one that was started again', () => {
	/** It runs one, and is cut off. */
	async function lostOf(world: LostWorld, ledger: ExecutionLedger): Promise<LedgerReport['lost']> {
		world.restart(1);
		world.begin();
		world.take(2);
		world.lose(2, 'cut off');
		world.pass(30_000);
		return (await settled(world, ledger.scan())).lost;
	}

	it('where that took itself off the registry', async () => {
		const world = new LostWorld(2);
		Object.assign(world, { namedChecks: 2, areClocksTold: true });
		const ledger = ledgerOf(world);
		await ledger.glance();
		await ledger.glance();
		world.stop(1);
		world.startWorker();
		expect(await lostOf(world, ledger)).toMatchObject([{ isSurelyDead: false }]);
	});

	it('where it came and that stopped between two questions of a look', async () => {
		const world = new LostWorld(2);
		Object.assign(world, { namedChecks: 2, areClocksTold: true });
		const { queueMode, ...others } = world.sources;
		const instances = async () => {
			world.stop(1);
			world.addWorker();
			return await queueMode!.registry.instances();
		};
		const sources = { ...others, queueMode: { ...queueMode!, registry: { instances } } };
		const census = new WorkerCensus();
		const ledgerWith = (looked: StackSources) =>
			new ExecutionLedger(looked, world.clock, RECOVERY_DEFAULTS, census);
		await ledgerWith(sources).glance();
		const ledger = ledgerWith(world.sources);
		expect(await lostOf(world, ledger)).toMatchObject([{ isSurelyDead: false }]);
	});
});
