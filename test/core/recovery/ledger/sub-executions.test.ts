import { ExecutionLedger, planRepairs, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';

const { confirmAfterMs, runAgainTag } = RECOVERY_DEFAULTS;

/** A stack of two workers, in which a step of one execution begins another. */
class Nested {
	readonly world = new LostWorld(2);
	private readonly ledger = new ExecutionLedger(
		this.world.sources,
		this.world.clock,
		RECOVERY_DEFAULTS,
	);

	constructor() {
		this.world.tags = [runAgainTag];
	}

	/** On the first worker. */
	beginParent(): string {
		const id = this.world.begin();
		this.world.take(0);
		return id;
	}

	/** Within the process of its parent. */
	beginPart(parent: string, isAwaiting = true): string {
		const startedAt = this.world.clock.now();
		return this.partOf(
			parent,
			isAwaiting,
			this.world.beginRow({ status: 'running', mode: 'integrated', startedAt }),
		);
	}

	/** One with which n8n goes on after a wait, on the first worker. */
	goOnWith(parent: string): string {
		const id = this.world.goOn(3_600_000, { mode: 'integrated' });
		this.world.take(0);
		return this.partOf(parent, true, id);
	}

	kill(): void {
		this.world.pass(20_000);
		this.world.lose(0, 'dead');
		this.world.pass(20_000);
	}

	/** What is planned for each that is lost, by its id. */
	async plan(): Promise<ReadonlyMap<string, string>> {
		const scan = this.ledger.scan();
		await this.world.clock.run(confirmAfterMs);
		const { lost } = await scan;
		const parts = {
			...{ sources: this.world.sources, clock: this.world.clock, settings: RECOVERY_DEFAULTS },
			records: new MemoryRecoveryRecords(),
		};
		const choices = { silentWorkers: 'may live', unsafe: 'leave' } as const;
		const planned = await planRepairs(parts, lost, choices);
		return new Map(
			planned.map(({ lost: { row, loss }, repair: { action, reason } }) => [
				row.id,
				action === 'leave' ? `${loss}: ${reason}` : `${loss}: ${action}`,
			]),
		);
	}

	/** How it is explained, asked for by itself. */
	async explained(id: string): Promise<string | undefined> {
		const explaining = this.ledger.explain(id);
		await this.world.clock.run(confirmAfterMs);
		return (await explaining)?.lost?.loss;
	}

	private partOf(executionId: string, isAwaiting: boolean, id: string): string {
		this.world.saved.set(id, { parent: { executionId, isAwaiting } });
		return id;
	}
}

it('what runs within an execution that dies is named with it, however deep, and is run anew by that', async () => {
	const nested = new Nested();
	const { world } = nested;
	const parent = nested.beginParent();
	const part = nested.beginPart(parent);
	const deeper = nested.beginPart(part);
	expect(await nested.plan()).toEqual(new Map());
	nested.kill();
	const within = (id: string) =>
		`died with its worker: it is part of execution ${id}, which runs it anew when that is brought back`;
	const planned = new Map([
		[parent, 'died with its worker: enqueue again'],
		[part, within(parent)],
		[deeper, within(part)],
	]);
	expect(await nested.plan()).toEqual(planned);
	expect(await nested.explained(deeper)).toBe('died with its worker');

	// It was brought back, and begins anew.
	world.jobs.clear();
	Object.assign(world.rows.get(parent)!, { status: 'new', startedAt: undefined });
	world.queueJob(parent);
	world.take(1);
	const anew = nested.beginPart(parent);
	world.pass(20_000);
	planned.delete(parent);
	expect(await nested.plan()).toEqual(planned);
	expect(await nested.explained(anew)).toBeUndefined();
	Object.assign(world.rows.get(parent)!, { status: 'success' });
	Object.assign(world.rows.get(part)!, { status: 'crashed', stoppedAt: world.clock.now() });
	expect([...(await nested.plan()).keys()]).not.toContain(part);
});

it('one that goes on after a wait has a job of its own, and is brought back for the one that waits for it', async () => {
	const nested = new Nested();
	const parent = nested.world.wait(1e9);
	const part = nested.goOnWith(parent);
	expect(await nested.plan()).toEqual(new Map());
	nested.kill();
	expect(await nested.plan()).toEqual(new Map([[part, 'died with its worker: enqueue again']]));
	nested.world.jobs.clear();
	nested.world.pass(10_000);
	expect(await nested.plan()).toEqual(new Map([[part, 'died with its worker: enqueue again']]));
	nested.world.rows.get(parent)!.status = 'error';
	nested.world.pass(5_000);
	expect([...(await nested.plan()).values()]).toEqual([
		`died with its worker: it is part of execution ${parent}, which is error; retry that in n8n`,
	]);
});

it.each([
	['success', 'died with its worker: enqueue again'],
	['running', 'died with its worker: execution 1 has begun it, which is running: it is left'],
] as const)(
	'one for which nobody waits is brought back by itself where the other is %s',
	async (status, wanted) => {
		const nested = new Nested();
		const { world } = nested;
		const parent = world.beginRow({ status, startedAt: world.clock.now() });
		const part = nested.goOnWith(parent);
		world.saved.set(part, { parent: { executionId: parent, isAwaiting: false } });
		nested.kill();
		expect((await nested.plan()).get(part)).toContain(wanted);
	},
);

it('one that was run by hand on a worker is named when its job is lost, and left', async () => {
	const nested = new Nested();
	const { world } = nested;
	const id = world.beginRow({ mode: 'manual' });
	world.saved.set(id, { hasInput: false });
	world.queueJob(id);
	expect(await nested.plan()).toEqual(new Map());
	world.jobs.clear();
	world.pass(20_000);
	expect([...(await nested.plan()).values()]).toEqual([
		expect.stringMatching(/^never reached a worker: .* run by hand; run it again in n8n$/),
	]);
});

it('one whose worker still runs it is not lost where n8n has given up the other, nor where somebody has stopped that', async () => {
	const nested = new Nested();
	const { world } = nested;
	const [stalled, stopped] = [nested.beginParent(), nested.beginParent()];
	const parts = [nested.beginPart(stalled), nested.beginPart(stopped)];
	world.pass(20_000);
	expect(await nested.plan()).toEqual(new Map());
	// Its worker was busy for a minute, and still has it.
	Object.assign(world.rows.get(stalled)!, { status: 'error', stoppedAt: world.clock.now() });
	Object.assign(world.rows.get(stopped)!, { status: 'canceled', stoppedAt: world.clock.now() });
	world.workers[0]!.runs.delete(stopped);
	for (const [id, { executionId }] of world.jobs)
		if (executionId === stalled || executionId === stopped) world.jobs.delete(id);
	world.pass(20_000);
	for (const part of parts) expect([...(await nested.plan()).keys()]).not.toContain(part);
});

it('one for which nobody waits is not lost with the worker on which the other has gone on after a wait', async () => {
	const nested = new Nested();
	const { world } = nested;
	const parent = nested.beginParent();
	const part = nested.beginPart(parent, false);
	world.pass(20_000);
	world.jobs.clear();
	world.workers[0]!.runs.delete(parent);
	Object.assign(world.rows.get(parent)!, { status: 'waiting', stoppedAt: world.clock.now() });
	world.pass(20_000);
	world.rows.get(parent)!.status = 'running';
	world.queueJob(parent);
	world.take(1);
	const later = nested.beginPart(parent, false);
	world.pass(20_000);
	expect(await nested.plan()).toEqual(new Map());
	world.lose(1, 'dead');
	world.pass(20_000);
	expect([...(await nested.plan()).keys()]).toEqual([parent, later]);
	expect(world.rows.get(part)!.status).toBe('running');
});

it('one for which nobody waits is not brought back where the other was, and so has begun it anew', async () => {
	const nested = new Nested();
	const { world } = nested;
	const parent = nested.beginParent();
	const part = nested.goOnWith(parent);
	world.saved.set(part, { parent: { executionId: parent, isAwaiting: false } });
	nested.kill();
	expect((await nested.plan()).get(parent)).toBe('died with its worker: enqueue again');
	Object.assign(world.rows.get(parent)!, { status: 'success', startedAt: world.clock.now() });
	world.pass(5_000);
	expect((await nested.plan()).get(part)).toMatch(
		/^died with its worker: execution 1 has begun it, and was itself begun again since/,
	);
});

it('who has begun one is found out also where it is new again', async () => {
	const nested = new Nested();
	const { world } = nested;
	const parent = nested.world.wait(1e9);
	const part = nested.goOnWith(parent);
	nested.kill();
	Object.assign(world.rows.get(part)!, { status: 'new', startedAt: undefined });
	expect((await nested.plan()).get(part)).toBe('never reached a worker: enqueue again');
});

it('one that has run and is new again was to be brought back, and is named without a job that anybody has seen', async () => {
	for (const [tags, planned] of [
		[[runAgainTag], /^never reached a worker: enqueue again$/],
		[[], /^never reached a worker: somebody began to bring it back, .* nothing says that/],
	] as const) {
		const nested = new Nested();
		const { world } = nested;
		world.tags = tags;
		const parent = world.wait(1e9);
		const part = nested.goOnWith(parent);
		world.saved.set(part, { ...world.saved.get(part), lastNode: 'Wait' });
		nested.kill();
		// Whoever did so came to his end before he could add its job, and we begin only now.
		Object.assign(world.rows.get(part)!, {
			...{ status: 'new', startedAt: undefined, stoppedAt: undefined },
		});
		world.jobs.clear();
		expect((await nested.plan()).get(part)).toMatch(planned);
	}
});

it('one of several for which another waited is brought back by itself where that has gone on with the first', async () => {
	const nested = new Nested();
	const { world } = nested;
	const parent = world.beginRow({ status: 'waiting', startedAt: world.clock.now() });
	const [first, second] = [nested.goOnWith(parent), nested.goOnWith(parent)];
	Object.assign(world.rows.get(first)!, { status: 'success', stoppedAt: world.clock.now() });
	Object.assign(world.rows.get(parent)!, { status: 'running', stoppedAt: world.clock.now() });
	world.queueJob(parent);
	world.take(1);
	nested.kill();
	expect(await nested.plan()).toEqual(
		new Map([
			[
				second,
				`died with its worker: execution ${parent} has begun it, which is running: it is left until that has ended`,
			],
		]),
	);
	world.rows.get(parent)!.status = 'success';
	world.pass(5_000);
	expect(await nested.plan()).toEqual(new Map([[second, 'died with its worker: enqueue again']]));
	// So it was, and its new worker died, too, before it began.
	Object.assign(world.rows.get(second)!, {
		status: 'new',
		startedAt: undefined,
		stoppedAt: undefined,
	});
	world.pass(5_000);
	expect([...(await nested.plan()).keys()]).toEqual([second]);
});

it('those that run are not lost though n8n, which finds no job of theirs, has marked them as crashed', async () => {
	const nested = new Nested();
	const { world } = nested;
	world.pass(10_000);
	const parent = nested.beginParent();
	const part = nested.beginPart(parent);
	const deeper = nested.beginPart(part);
	const ended = world.beginRow({ status: 'success', startedAt: world.clock.now() });
	const unawaited = nested.beginPart(ended, false);
	world.pass(20_000);
	for (const id of [part, unawaited])
		Object.assign(world.rows.get(id)!, { status: 'crashed', stoppedAt: world.clock.now() });
	world.pass(10_000);
	expect(await nested.plan()).toEqual(new Map());
	Object.assign(world.rows.get(deeper)!, { status: 'crashed', stoppedAt: world.clock.now() });
	world.pass(10_000);
	expect(await nested.plan()).toEqual(new Map());

	// Now they are: no process is left that they can have run in.
	for (const worker of [0, 1]) world.restart(worker);
	world.pass(130_000);
	expect([...(await nested.plan()).keys()]).toEqual([parent, part, deeper, unawaited]);
});
