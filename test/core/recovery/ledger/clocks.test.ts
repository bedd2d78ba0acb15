import assert from 'node:assert/strict';

import fc from 'fast-check';

import { StackMonitor, WorkerCensus } from '../../../../core/health';
import { ExecutionLedger, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';

const MINUTE = 60_000;
const SETTINGS = { ...RECOVERY_DEFAULTS, hangsAfterMs: 10 * MINUTE };

function worldOf(workers: number): LostWorld {
	const world = new LostWorld(workers);
	world.isMainListed = true;
	return world;
}

const ledgerOf = (world: LostWorld) => new ExecutionLedger(world.sources, world.clock, SETTINGS);

type Ledger = ReturnType<typeof ledgerOf>;

/** What is believed lost when it was seen so for long enough. */
async function namedBy(ledger: Ledger, world: LostWorld) {
	await ledger.glance();
	world.pass(5_000);
	const { lost, gaps } = await ledger.glance();
	return { lost: lost.map(({ row, loss }) => [row.id, loss]), gaps };
}

describe.each([
	['ahead of', 10 * MINUTE],
	['behind', -10 * MINUTE],
])('with clocks of n8n %s ours that are told', (_, aheadMs) => {
	const shifted = (): LostWorld => {
		const world = worldOf(1);
		world.areClocksTold = true;
		world.clocks.ahead = { mainMs: aheadMs, workersMs: aheadMs };
		return world;
	};

	it('a wait is over when it is for main, whose clock decides when it is resumed', async () => {
		const world = shifted();
		const id = world.wait(0);
		const ledger = ledgerOf(world);
		expect((await namedBy(ledger, world)).lost).toEqual([]);
		world.pass(RECOVERY_DEFAULTS.waitSlackMs - 10_000);
		expect((await namedBy(ledger, world)).lost).toEqual([]);
		world.pass(5_000);
		expect(await namedBy(ledger, world)).toEqual({
			lost: [[id, 'waits past its time']],
			gaps: [],
		});
	});

	it('an execution is as old as it is for who made it', async () => {
		const world = shifted();
		const id = world.beginRow();
		const ledger = ledgerOf(world);
		expect((await namedBy(ledger, world)).lost).toEqual([]);
		world.pass(5_000);
		expect((await namedBy(ledger, world)).lost).toEqual([[id, 'never reached a worker']]);
	});
});

it('withholds what main may see otherwise while its clock is not known, and says why', async () => {
	const world = worldOf(1);
	world.clocks.ahead = { mainMs: -10 * MINUTE, workersMs: -10 * MINUTE };
	world.clocks.databaseAheadMs = -10 * MINUTE;
	const id = world.wait(0);
	const ledger = ledgerOf(world);
	world.pass(2 * MINUTE);
	expect(await namedBy(ledger, world)).toMatchObject({
		lost: [],
		gaps: [
			{
				source: 'n8n metrics',
				why: expect.stringContaining('10 min apart'),
				cannotKnow: expect.stringContaining('NTP'),
			},
		],
	});
	world.pass(2 * MINUTE);
	expect((await namedBy(ledger, world)).lost).toEqual([[id, 'waits past its time']]);
});

it('says by how much the clocks of processes differ', async () => {
	const world = worldOf(1);
	world.areClocksTold = true;
	world.clocks.ahead = { mainMs: 0, workersMs: 5_000 };
	expect((await namedBy(ledgerOf(world), world)).gaps).toMatchObject([
		{ source: 'instance registry', why: expect.stringContaining('5 s apart') },
	]);
});

describe('entries that were written late, as Redis was stalled', () => {
	const STALL_MS = 20_000;

	/** What is named of a row whose job is lost, 15 s after it was made. @param seen that the registry was before the stall. */
	async function namedAfterStall(
		seen: (ledger: Ledger, monitor: StackMonitor) => Promise<unknown>,
	) {
		const world = worldOf(1);
		world.areClocksTold = true;
		let state: 'well' | 'stalled' | 'written late' = 'well';
		const stalledAt = world.clock.now() + 1_000;
		const { queueMode, ...others } = world.sources;
		const instances = async () => {
			if (state === 'stalled') throw new Error('no answer');
			const entries = await queueMode!.registry.instances();
			if (state === 'well') return entries;
			return entries.map((entry) => ({
				...entry,
				lastSeenAt: stalledAt,
				clock: { aheadMs: -STALL_MS, withinMs: 0 },
			}));
		};
		const sources = { ...others, queueMode: { ...queueMode!, registry: { instances } } };
		const census = new WorkerCensus();
		const ledger = new ExecutionLedger(sources, world.clock, SETTINGS, census);
		const monitor = new StackMonitor(sources, world.clock, census);
		await seen(ledger, monitor);
		state = 'stalled';
		world.pass(STALL_MS);
		await monitor.observe();
		state = 'written late';
		const id = world.beginRow();
		world.pass(10_000);
		expect(await namedBy(ledger, world)).toEqual({
			lost: [[id, 'never reached a worker']],
			gaps: [],
		});
	}

	it('make no clock seem behind to who has looked before', async () => {
		await namedAfterStall((ledger) => ledger.glance());
	});

	it('make none seem so where only the health of the stack was looked at before', async () => {
		await namedAfterStall((_, monitor) => monitor.observe());
	});
});

const CHANGES = {
	begin: (world: LostWorld) => world.begin(),
	'begin row': (world: LostWorld) => world.beginRow(),
	within: (world: LostWorld) => world.beginWithin(),
	wait: (world: LostWorld, n: number) => world.wait(n * 10_000),
	take: (world: LostWorld, n: number) => world.take(n),
	finish: (world: LostWorld, n: number) => world.finish(n),
	'lose job': (world: LostWorld, n: number) => world.loseJob(n),
	kill: (world: LostWorld, n: number) => world.lose(n, 'dead'),
	'cut off': (world: LostWorld, n: number) => world.lose(n, 'cut off'),
	add: (world: LostWorld) => world.addWorker(),
	restart: (world: LostWorld) => world.restartMain(),
	pass: (world: LostWorld, n: number) => world.pass(n * 10_000),
};

const step = fc.record({
	type: fc.constantFrom(...(Object.keys(CHANGES) as Array<keyof typeof CHANGES>), 'pass', 'take'),
	n: fc.nat(30),
});

const skew = fc.integer({ min: -20 * MINUTE, max: 20 * MINUTE });

it('names the same with whatever clocks that are told, and nothing more with others', async () => {
	let found = 0;
	const property = fc.asyncProperty(
		fc.array(step, { maxLength: 60, size: 'max' }),
		skew,
		skew,
		async (steps, mainMs, workersMs) => {
			const worlds = Array.from({ length: 4 }, () => worldOf(2));
			const [same, shifted, apart, untold] = worlds as [LostWorld, LostWorld, LostWorld, LostWorld];
			for (const world of [same, shifted, apart]) world.areClocksTold = true;
			shifted.clocks.ahead = { mainMs, workersMs: mainMs };
			apart.clocks.ahead = { mainMs, workersMs };
			// All that is known then: the clocks of the database, and of a server like it, are as wrong as n8n's.
			untold.clocks.ahead = shifted.clocks.ahead;
			untold.clocks.databaseAheadMs = mainMs;
			const ledgers = worlds.map(ledgerOf);
			for (const { type, n } of steps) {
				for (const world of worlds) CHANGES[type](world, n);
				const named = [];
				for (const [index, ledger] of ledgers.entries())
					named.push((await namedBy(ledger, worlds[index]!)).lost.map((one) => one.join(' ')));
				const [exact, ...others] = named as [string[], string[], string[], string[]];
				found += exact.length;
				assert.deepEqual(others[0], exact);
				for (const some of others)
					assert.deepEqual(
						some.filter((one) => !exact.includes(one)),
						[],
					);
			}
		},
	);
	await fc.assert(property, { numRuns: 150 });
	expect(found).toBeGreaterThan(1_000);
});
