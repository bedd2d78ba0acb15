import assert from 'node:assert/strict';

import fc from 'fast-check';

import { WorkerCensus } from '../../../../core/health';
import { ExecutionLedger, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { ledgerOf } from '../recovering';

const CHANGES = {
	begin: (world: LostWorld) => void world.begin(),
	'begin row': (world: LostWorld) => void world.beginRow(),
	take: (world: LostWorld, n: number) => world.take(n),
	'take only': (world: LostWorld, n: number) => world.takeOnly(n),
	finish: (world: LostWorld, n: number) => world.finish(n),
	'lose job': (world: LostWorld, n: number) => world.loseJob(n),
	kill: (world: LostWorld, n: number) => world.lose(n, 'dead'),
	'cut off': (world: LostWorld, n: number) => world.lose(n, 'cut off'),
	stall: (world: LostWorld, n: number) => world.lose(n, 'stalled'),
	restart: (world: LostWorld, n: number) => world.restart(n),
	pass: (world: LostWorld, n: number) => world.pass(n * 1_000),
};

interface Step {
	readonly type: keyof typeof CHANGES | 'look';
	readonly n: number;
}

const ofTypes = (weight: number, ...types: ReadonlyArray<Step['type']>) => ({
	weight,
	arbitrary: fc.record({ type: fc.constantFrom(...types), n: fc.nat(20) }),
});

const step = fc.oneof(
	ofTypes(6, 'begin', 'look'),
	ofTypes(10, 'take', 'take only', 'finish'),
	ofTypes(4, 'pass'),
	ofTypes(1, 'begin row', 'lose job', 'kill', 'cut off', 'stall', 'restart'),
);

it('names no living execution as dead, and every dead one, whatever happens between two questions', async () => {
	let looks = 0;
	const play = (world: LostWorld, { type, n }: Step) => type !== 'look' && CHANGES[type](world, n);
	const history = fc.array(step, { maxLength: 200, size: 'max' });
	const property = fc.asyncProperty(
		fc.integer({ min: 1, max: 5 }),
		fc.boolean(),
		history,
		async (workers, areHealthChecksKnown, steps) => {
			const world = new LostWorld(workers);
			world.areHealthChecksKnown = areHealthChecksKnown;
			const ledger = ledgerOf(world);
			const look = async (): Promise<Set<string>> => {
				looks++;
				const { lost } = await ledger.glance();
				const wrong = lost.filter(({ row, isSurelyDead }) => isSurelyDead && world.isAlive(row.id));
				assert.deepEqual(wrong, []);
				return new Set(lost.map(({ row }) => row.id));
			};
			for (const [index, one] of steps.entries()) {
				play(world, one);
				if (one.type !== 'look') continue;
				// What comes next happens between the questions of this look.
				const next = steps.slice(index + 1, index + 6).filter(({ type }) => type !== 'pass');
				world.meanwhile.push(...next.map((other) => () => void play(world, other)));
				await look();
				world.meanwhile.length = 0;
			}
			for (let passed = 0; passed < 100; passed += 5) {
				world.pass(5_000);
				await look();
			}
			const found = await look();
			assert.deepEqual(
				world.lost.filter((id) => !found.has(id)),
				[],
			);
		},
	);
	await fc.assert(property, { numRuns: 200 });
	expect(looks).toBeGreaterThan(4_000);
});

/** Who replaces a worker on its machine has its name, and perhaps is in no list yet. */
const WORKERS_COME_AND_GO = {
	...CHANGES,
	add: (world: LostWorld) => world.startWorker(),
	replace: (world: LostWorld) => world.startWorker('worker-0'),
	'add unlisted': (world: LostWorld) => world.startWorker(undefined, 'not listed yet'),
	'restart unlisted': (world: LostWorld, n: number) => world.restart(n, 'not listed yet'),
	'replace unlisted': (world: LostWorld) => world.startWorker('worker-0', 'not listed yet'),
	// The check of one that is named and gone for good would stand for another's.
	stop: (world: LostWorld, n: number) =>
		n % world.workers.length >= world.namedChecks && world.stop(n),
	'fail over': (world: LostWorld) => world.failOver(),
};

it('takes nothing for dead that a worker runs which was seen once, whatever lists and checks leave out', async () => {
	const types = Object.keys(WORKERS_COME_AND_GO) as Array<keyof typeof WORKERS_COME_AND_GO>;
	const weighted = (weight: number, ...some: typeof types) => ({
		weight,
		arbitrary: fc.record({ type: fc.constantFrom(...some), n: fc.nat(40) }),
	});
	const change = fc.oneof(
		weighted(4, ...types),
		weighted(4, 'begin', 'take', 'take only'),
		weighted(4, 'pass'),
		weighted(3, 'kill', 'cut off', 'replace unlisted', 'restart'),
	);
	let sure = 0;
	const property = fc.asyncProperty(
		fc.integer({ min: 1, max: 3 }),
		fc.integer({ min: 0, max: 4 }),
		fc.boolean(),
		fc.array(change, { maxLength: 80, size: 'max' }),
		async (workers, namedChecks, areClocksTold, steps) => {
			const world = new LostWorld(workers);
			Object.assign(world, { namedChecks, areClocksTold, isMainListed: true });
			const census = new WorkerCensus();
			const ledger = new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS, census);
			const look = async (): Promise<void> => {
				for (const { row, isSurelyDead } of (await ledger.glance()).lost) {
					assert.ok(!isSurelyDead || !world.isAlive(row.id), `execution ${row.id} is run`);
					if (isSurelyDead) sure++;
				}
			};
			census.note(world.look());
			for (const { type, n } of steps) {
				WORKERS_COME_AND_GO[type](world, n);
				// As whoever else looks at workers does every few seconds.
				if (type !== 'pass') census.note(world.look());
				else await look();
			}
			await look();
			world.pass(5_000);
			await look();
		},
	);
	await fc.assert(property, { numRuns: 1_000 });
	expect(sure).toBeGreaterThan(1_000);
});
