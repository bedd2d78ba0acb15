import { CancelledError } from '../../../../core/errors';
import { ExecutionLedger, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { ledgerOf, named, settled } from '../recovering';

it('one scan looks twice', async () => {
	const world = new LostWorld(1);
	const id = world.beginRow();
	world.pass(20_000);
	const ledger = ledgerOf(world);
	expect(named(await settled(world, ledger.scan()))).toEqual([[id, 'never reached a worker']]);
	const moving = world.beginRow();
	world.pass(20_000);
	const scan = ledger.scan();
	await world.clock.run(1_000);
	Object.assign(world.rows.get(moving)!, { status: 'success' });
	expect(named(await settled(world, scan))).toEqual([[id, 'never reached a worker']]);
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
	const [one, other] = await settled(world, Promise.all([scans[0], scans[2]]));
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
