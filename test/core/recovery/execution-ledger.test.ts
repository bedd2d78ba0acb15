import assert from 'node:assert/strict';

import fc from 'fast-check';

import { CancelledError } from '../../../core/errors';
import { WorkerCensus } from '../../../core/health';
import { ExecutionLedger, RECOVERY_DEFAULTS, type LedgerReport } from '../../../core/recovery';
import type { StackSources } from '../../../core/stack';
import { LostWorld } from '../../support/lost-world';

const ledgerOf = (world: LostWorld) =>
	new ExecutionLedger(world.sources, world.clock, RECOVERY_DEFAULTS);

/** Looks every so often, as whoever keeps watch does. */
async function watch(world: LostWorld, forMs: number, everyMs = 5_000): Promise<LedgerReport> {
	const ledger = ledgerOf(world);
	let report = await ledger.glance();
	for (let passed = 0; passed < forMs; passed += everyMs) {
		world.pass(everyMs);
		report = await ledger.glance();
	}
	return report;
}

const named = ({ lost }: LedgerReport) => lost.map(({ row, loss }) => [row.id, loss]);

async function settle<T>(scan: Promise<T>, world: LostWorld): Promise<T> {
	await world.clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
	return await scan;
}

describe('a worker whose health check nobody knows, and that is cut off, is not taken for one that was started again', () => {
	/** It runs one, and is cut off. */
	async function lostOf(world: LostWorld, ledger: ExecutionLedger): Promise<LedgerReport['lost']> {
		world.restart(1);
		world.begin();
		world.take(2);
		world.lose(2, 'cut off');
		world.pass(30_000);
		return (await settle(ledger.scan(), world)).lost;
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
			const look = async (forMs: number): Promise<LedgerReport> => {
				let report = await ledger.glance();
				for (let passed = 0; passed < forMs; passed += 5_000) {
					world.pass(5_000);
					report = await ledger.glance();
				}
				return report;
			};
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
			return (await settle(ledger.scan(), world)).lost;
		};
		expect(await scan(census)).toMatchObject([{ row: { id }, isSurelyDead: true }]);
		expect(await scan()).toMatchObject([{ row: { id }, isSurelyDead: false }]);
	});

	it('may run on a worker that is only cut off from Redis is not taken for dead', async () => {
		const world = new LostWorld(2);
		const id = world.begin();
		world.take(0);
		world.lose(0, 'cut off');
		expect(named(await watch(world, 30_000))).toEqual([[id, 'run by a zombie']]);
		expect(named(await watch(world, 300_000))).toEqual([[id, 'run by a zombie']]);
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

	it('runs within a process that goes on with it after a wait is not lost', async () => {
		const world = new LostWorld(1);
		const startedAt = world.clock.now() - 3_600_000;
		world.beginRow({ status: 'running', mode: 'manual', startedAt, stoppedAt: startedAt });
		expect(named(await watch(world, 60_000))).toEqual([]);
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

it('one scan looks twice', async () => {
	const world = new LostWorld(1);
	const id = world.beginRow();
	world.pass(20_000);
	const ledger = ledgerOf(world);
	expect(named(await settle(ledger.scan(), world))).toEqual([[id, 'never reached a worker']]);
	const moving = world.beginRow();
	world.pass(20_000);
	const scan = ledger.scan();
	await world.clock.run(1_000);
	Object.assign(world.rows.get(moving)!, { status: 'success' });
	expect(named(await settle(scan, world))).toEqual([[id, 'never reached a worker']]);
});

it('scans once for all who ask at the same time, also when one of them cancels', async () => {
	const world = new LostWorld(1);
	const id = world.beginRow();
	world.pass(20_000);
	let asked = 0;
	const { database, ...others } = world.sources;
	const executions: NonNullable<typeof database>['executions'] = {
		...database!.executions,
		withStatus: async (...question) => {
			asked++;
			return await database!.executions.withStatus(...question);
		},
	};
	const sources = { ...others, database: { ...database!, executions } };
	const ledger = new ExecutionLedger(sources, world.clock, RECOVERY_DEFAULTS);
	const cancelling = new AbortController();
	const scans = [ledger.scan(), ledger.scan(cancelling.signal), ledger.scan()] as const;
	const cancelled = expect(scans[1]).rejects.toThrow(CancelledError);
	await world.clock.run(1_000);
	cancelling.abort();
	await cancelled;
	const [one, other] = await settle(Promise.all([scans[0], scans[2]]), world);
	expect(named(one)).toEqual([[id, 'never reached a worker']]);
	expect(other).toBe(one);
	expect(await ledger.scan()).toBe(one);
	// One look at rows that may be lost: the new and running ones, and those that wait.
	expect(asked).toBe(2);
});

it('says what it cannot know where a source does not answer', async () => {
	const world = new LostWorld(1);
	world.beginRow();
	const { queueMode, ...others } = world.sources;
	const queue = { ...queueMode!.queue, jobsFor: () => Promise.reject(new Error('it is down')) };
	const sources = { ...others, queueMode: { ...queueMode!, queue } };
	const ledger = new ExecutionLedger(sources, world.clock, RECOVERY_DEFAULTS);
	world.pass(60_000);
	expect(await ledger.scan()).toMatchObject({
		lost: [],
		gaps: [{ source: 'queue', why: 'it is down', cannotKnow: expect.stringContaining('lost') }],
	});
});

it('says of no execution that there is none where the database is not there, or is down', async () => {
	const world = new LostWorld(1);
	const id = world.begin();
	const { database, ...others } = world.sources;
	const executions = {
		...database!.executions,
		find: () => Promise.reject(new Error('it is down')),
	};
	const down = { ...others, database: { ...database!, executions } };
	for (const [sources, why] of [
		[others, 'database: not configured'],
		[down, 'it is down'],
	] as const) {
		const ledger = new ExecutionLedger(sources, world.clock, RECOVERY_DEFAULTS);
		await expect(ledger.explain(id)).rejects.toMatchObject({
			code: 'SOURCE_UNAVAILABLE',
			source: 'database',
			message: expect.stringContaining(why),
			remedy: expect.any(String),
		});
	}
	expect((await ledgerOf(world).explain(id))?.row).toMatchObject({ id });
	expect(await ledgerOf(world).explain('no such')).toBeUndefined();
});

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

it('says that it has not looked at all where they are too many', async () => {
	const world = new LostWorld(1);
	for (let count = 0; count <= 50_000; count++) world.beginWithin();
	const { lookedAt, gaps } = await ledgerOf(world).glance();
	expect(lookedAt).toBe(50_000);
	expect(gaps).toContainEqual(
		expect.objectContaining({ source: 'database', cannotKnow: 'whether newer ones are lost' }),
	);
});

it('goes on naming what it has read, however many have ended', async () => {
	const world = new LostWorld(1);
	const at = world.clock.now();
	for (let count = 0; count < 10_600; count++)
		world.beginRow({ status: 'error', stoppedAt: at, mode: 'webhook' });
	Object.assign(world.rows.get('5000')!, { status: 'crashed', startedAt: at });
	const ledger = ledgerOf(world);
	let lost: readonly string[] = [];
	for (let look = 0; look < 30; look++) {
		world.pass(5_000);
		const wasLost = lost.includes('5000');
		lost = (await ledger.glance()).lost.map(({ row }) => row.id);
		if (wasLost) expect(lost).toContain('5000');
	}
	expect(lost).toContain('5000');
	expect((await ledger.glance()).gaps).toEqual([]);
});
