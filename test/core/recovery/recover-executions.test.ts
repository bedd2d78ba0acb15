import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
	ExecutionLedger,
	lostToRecover,
	MOST_AT_ONCE,
	planRepairs,
	RECOVERY_DEFAULTS,
	recoverExecutions,
	type RecoverRequest,
} from '../../../core/recovery';
import type { ChangeReport, Outlook } from '../../../core/change-plans';
import type { Principal } from '../../../core/access';
import { sleep } from '../../../core/pipeline';
import type { N8nApi } from '../../../core/ports/stack';
import { NotRetriedError } from '../../../core/stack';
import { LostWorld } from '../../support/lost-world';
import { MemoryRecoveryRecords } from '../../support/memory-recovery-records';

const ALICE: Principal = { name: 'alice', role: 'operator', via: 'token' };
const TAG = RECOVERY_DEFAULTS.runAgainTag;

let claims = 0;

function partsOf({ sources, clock }: LostWorld, records: MemoryRecoveryRecords) {
	const ledger = new ExecutionLedger(sources, clock, RECOVERY_DEFAULTS);
	const newId = () => `${++claims}`;
	return { sources, clock, records, newId, ledger, settings: RECOVERY_DEFAULTS };
}

const replicaOf = (world: LostWorld, records: MemoryRecoveryRecords) =>
	recoverExecutions(partsOf(world, records));

type Replica = ReturnType<typeof replicaOf>;

const { signal } = new AbortController();

/** Lets time go by until what is under way has ended. */
async function settled<T>(world: LostWorld, work: Promise<T>): Promise<T> {
	let isOver = false;
	const over = work.finally(() => (isOver = true));
	over.catch(() => undefined);
	for (let turn = 0; turn < 200 && !isOver; turn++) await world.clock.run(1_000);
	return await over;
}

const foresee = async (world: LostWorld, replica: Replica, more: Partial<RecoverRequest> = {}) =>
	await settled(
		world,
		replica.foresee(
			{
				executionIds: [...world.rows.keys()],
				silentWorkers: 'may live',
				unsafe: 'leave',
				...more,
			},
			signal,
		),
	);

const apply = async (world: LostWorld, replica: Replica, outlook: Outlook): Promise<ChangeReport> =>
	await settled(
		world,
		replica.apply(undefined as never, outlook, signal, () => undefined, ALICE),
	);

const actions = ({ steps }: Pick<Outlook, 'steps'>) => steps.map(({ action }) => action);
const outcomes = ({ steps }: ChangeReport) => steps.map(({ outcome }) => outcome);

it('names the executions that it was given and that are not lost, or that there are none of', async () => {
	const world = new LostWorld(1);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	const dead = deadOne(world);
	const waiting = world.begin();
	const both = await foresee(world, replica, { executionIds: [dead, waiting, '98', '99'] });
	expect(both.steps).toHaveLength(1);
	expect(both.summary).toMatch(
		new RegExp(
			`^1 execution is lost: .*; not known to be lost: ${waiting}; no execution has this ID: 98, 99$`,
		),
	);
	const none = await foresee(world, replica, { executionIds: ['99'] });
	expect(none.summary).toBe('No execution is known to be lost; no execution has this ID: 99');
});

/** One that ran on a worker that is dead. */
function deadOne(world: LostWorld): string {
	const id = world.begin();
	world.take(0);
	world.pass(60_000);
	world.lose(0, 'dead');
	world.pass(30_000);
	return id;
}

it('runs again what died with its worker where its workflow is tagged, once', async () => {
	const world = new LostWorld(2);
	const records = new MemoryRecoveryRecords();
	const id = deadOne(world);
	const replica = replicaOf(world, records);
	expect(await foresee(world, replica)).toMatchObject({ steps: [{ action: 'leave' }] });
	world.tags = [TAG];
	const report = await apply(world, replica, await foresee(world, replica));
	expect(outcomes(report)).toEqual(['done']);
	expect(world.rows.get(id)!.status).toBe('new');
	// Under the id of the job for whose end n8n may still wait.
	expect([...world.jobs.keys()]).toEqual([id]);
	expect(await records.list(9)).toMatchObject({
		records: [{ executionId: id, step: 'enqueued', by: ALICE, attempt: 1 }],
	});

	world.take(1);
	world.pass(60_000);
	world.lose(1, 'dead');
	world.pass(30_000);
	const { steps } = await foresee(world, replica);
	expect(steps).toMatchObject([{ action: 'leave', reason: expect.stringContaining('1 of 1') }]);
});

it('has n8n retry ten at a time what it has marked itself, since each takes it long', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const retried: string[] = [];
	const api: Partial<N8nApi> = {
		hasKey: true,
		retry: async (id) => {
			await sleep(world.clock, 5_000, undefined);
			return `${retried.push(id)}`;
		},
	};
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const sources = { ...parts.sources, api: api as N8nApi };
	const replica = recoverExecutions({ ...parts, sources });
	for (let count = 0; count < 12; count++) {
		const id = world.begin();
		world.take(0);
		Object.assign(world.rows.get(id)!, { status: 'crashed', stoppedAt: world.clock.now() });
		const failedBecause = 'Workflow did not finish, possible out-of-memory issue';
		world.saved.set(id, { hasError: true, failedBecause });
	}
	world.lose(0, 'dead');
	world.pass(30_000);
	const outlook = await foresee(world, replica);
	const since = world.clock.now();
	expect(outcomes(await apply(world, replica, outlook))).toEqual(Array(12).fill('done'));
	expect(world.clock.now() - since).toBeLessThan(20_000);
	expect(new Set(retried)).toEqual(new Set(world.rows.keys()));
});

it('leaves what somebody retries himself while others are being retried', async () => {
	const world = new LostWorld(1);
	world.tags = [TAG];
	const at = world.clock.now();
	const failedBecause = 'Workflow did not finish, possible out-of-memory issue';
	for (let count = 0; count < 50; count++) {
		const id = world.beginRow({ status: 'crashed', startedAt: at, stoppedAt: at });
		world.saved.set(id, { hasError: true, failedBecause });
	}
	world.pass(60_000);
	const last = [...world.rows.keys()].at(-1)!;
	const retried: string[] = [];
	const retry = async (id: string) => {
		await sleep(world.clock, 5_000, undefined);
		if (retried.push(id) === 10) world.beginRow({ mode: 'retry', retryOf: last });
		return `retry of ${id}`;
	};
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const sources = { ...parts.sources, api: { hasKey: true, retry } as never };
	const replica = recoverExecutions({ ...parts, sources });
	const { steps } = await apply(world, replica, await foresee(world, replica));
	expect(retried).not.toContain(last);
	expect(steps.filter(({ outcome }) => outcome === 'done')).toHaveLength(49);
	expect(steps.at(-1)).toMatchObject({
		...{ outcome: 'left', detail: 'what was found is not so any more' },
	});
});

it('plans first for what can be brought back, however much is left before it', async () => {
	const world = new LostWorld(2);
	for (let left = 0; left < MOST_AT_ONCE; left++) {
		world.begin();
		world.take(0);
	}
	world.lose(0, 'dead');
	const curable = world.beginRow();
	world.pass(RECOVERY_DEFAULTS.unqueuedSettleMs);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const choices = { silentWorkers: 'may live', unsafe: 'leave' } as const;
	const found = await settled(world, lostToRecover(parts, choices, signal));
	const { executionIds, lostInAll } = found;
	expect([executionIds.length, executionIds[0]]).toEqual([MOST_AT_ONCE, curable]);
	expect(lostInAll).toBe(MOST_AT_ONCE + 1);
	const { summary } = await foresee(world, recoverExecutions(parts), found);
	expect(summary).toBe(
		`${lostInAll} executions are lost; of ${MOST_AT_ONCE} that this plan takes, 1 can be brought back, ${MOST_AT_ONCE - 1} are left; plan again for the others`,
	);
});

it('knows of each of thousands that are lost what was tried before', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const records = new MemoryRecoveryRecords();
	const parts = partsOf(world, records);
	for (let count = 0; count < 2_500; count++) world.beginRow();
	world.pass(60_000);
	const { lost } = await settled(world, parts.ledger.scan());
	const { executions } = parts.sources.database!;
	const asked: number[] = [];
	const progressOf: typeof executions.progressOf = async (ids) => {
		asked.push(ids.length);
		return await executions.progressOf(ids);
	};
	const database = { ...parts.sources.database!, executions: { ...executions, progressOf } };
	const choices = { silentWorkers: 'may live', unsafe: 'leave' } as const;
	const last = lost.at(-1)!.row.id;
	const known = {
		...{ executionId: last, workflowId: 'w', attempt: 1, claimId: 'c', by: ALICE },
		...{ claimedAt: 0, updatedAt: 0, loss: '', evidence: [], reason: '' },
		...({ action: 'enqueue again', step: 'enqueued' } as const),
	};
	await records.save(known, undefined);
	const sources = { ...parts.sources, database };
	const planned = await planRepairs({ ...parts, sources }, lost, choices);
	expect(asked).toEqual([2_500]);
	const left = planned.filter(({ repair }) => repair.action === 'leave');
	expect([planned.length, left.length]).toEqual([2_500, 1]);
	expect(left).toMatchObject([{ lost: { row: { id: last } }, record: known }]);
});

it('says of an empty plan why nothing is known', async () => {
	const world = new LostWorld(1);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { database } = parts.sources;
	const down = () => Promise.reject(new Error('connection refused'));
	const sources = {
		...parts.sources,
		database: { ...database!, executions: { ...database!.executions, withStatus: down } },
	};
	const ledger = new ExecutionLedger(sources, world.clock, RECOVERY_DEFAULTS);
	const replica = recoverExecutions({ ...parts, sources, ledger });
	const { summary, steps } = await foresee(world, replica, { executionIds: [] });
	expect([summary, steps]).toEqual([
		expect.stringMatching(/^No execution is known to be lost; not known without the database: /),
		[],
	]);
});

it('runs nothing again that a worker which is cut off may still run', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	world.begin();
	world.take(0);
	world.lose(0, 'cut off');
	world.pass(120_000);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	expect(actions(await foresee(world, replica))).toEqual(['leave']);
	expect(actions(await foresee(world, replica, { silentWorkers: 'are dead' }))).toEqual(['leave']);
});

it('takes somebody at their word that silent workers are dead', async () => {
	const world = new LostWorld(2);
	world.areHealthChecksKnown = false;
	world.tags = [TAG];
	deadOne(world);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	expect(actions(await foresee(world, replica))).toEqual(['leave']);
	expect(actions(await foresee(world, replica, { silentWorkers: 'are dead' }))).toEqual([
		'enqueue again',
	]);
});

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

it('does not say that n8n has thrown away what it keeps elsewhere', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	world.saved.set(world.beginRow(), { isSaved: false, hasInput: false, goesOnWith: [] });
	world.pass(60_000);
	const { steps } = await foresee(world, replicaOf(world, new MemoryRecoveryRecords()));
	expect(steps).toMatchObject([
		{ action: 'leave', reason: expect.stringContaining('its data is not in the database') },
	]);
});

it('says of what it cannot read that it cannot, not that there is no Run Once step', async () => {
	const world = new LostWorld(2);
	deadOne(world);
	const parts = partsOf(world, new MemoryRecoveryRecords());
	const { database } = parts.sources;
	const down = () => Promise.reject(new Error('connection refused'));
	const plannedWith = async (executedWorkflow: () => Promise<undefined>) => {
		const executions = { ...database!.executions, executedWorkflow };
		const sources = { ...parts.sources, database: { ...database!, executions } };
		return (await foresee(world, recoverExecutions({ ...parts, sources }))).steps;
	};
	expect(await plannedWith(down)).toMatchObject([
		{
			action: 'leave',
			reason: expect.stringMatching(/what it runs cannot be read: .*connection refused/),
		},
	]);
	expect(await plannedWith(() => Promise.resolve(undefined))).toMatchObject([
		{ action: 'leave', reason: expect.stringContaining('what it runs is not in the database') },
	]);
});

it('marks as crashed what may not run again, where that is wanted', async () => {
	const world = new LostWorld(2);
	const id = deadOne(world);
	const replica = replicaOf(world, new MemoryRecoveryRecords());
	const outlook = await foresee(world, replica, { unsafe: 'mark crashed' });
	expect(actions(outlook)).toEqual(['mark as crashed']);
	expect(outlook.summary).toBe(
		'1 execution is lost: 0 can be brought back, 1 would be marked as they ended, 0 are left',
	);
	expect(outcomes(await apply(world, replica, outlook))).toEqual(['done']);
	expect(world.rows.get(id)!.status).toBe('crashed');
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

it.each(['running', 'crashed'] as const)(
	'leaves what `n8n execute` began, and is %s since, to whoever knows whether that still runs it',
	async (status) => {
		const world = new LostWorld(1);
		world.tags = [TAG];
		const id = world.beginRow({ status: 'running', mode: 'cli', startedAt: world.clock.now() });
		world.pass(60_000);
		for (let times = 0; times < 2; times++) {
			world.restart(world.workers.length - 1);
			world.pass(70_000);
		}
		Object.assign(world.rows.get(id)!, { status });
		const { steps } = await foresee(world, replicaOf(world, new MemoryRecoveryRecords()));
		expect(steps).toMatchObject([
			{ action: 'leave', reason: expect.stringMatching(/a process of `n8n execute` may/) },
		]);
	},
);

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

describe('a retry', () => {
	const CRASHED = 'Workflow did not finish, possible out-of-memory issue';

	/** An execution that n8n has marked as crashed, and what its API makes of being asked to retry it. */
	function crashedWorld(retry: () => Promise<string>) {
		const world = new LostWorld(2);
		world.tags = [TAG];
		const at = world.clock.now();
		const id = world.beginRow({ status: 'crashed', startedAt: at, stoppedAt: at });
		world.saved.set(id, { hasError: true, failedBecause: CRASHED });
		world.pass(60_000);
		const parts = partsOf(world, new MemoryRecoveryRecords());
		const api = { hasKey: true, retry } as never;
		return { world, replica: recoverExecutions({ ...parts, sources: { ...parts.sources, api } }) };
	}

	it('that n8n has surely not begun may be tried again', async () => {
		const answers = [
			() => Promise.reject(new NotRetriedError('n8n answered 401', 'Set the key')),
			() => Promise.resolve('9'),
		];
		const { world, replica } = crashedWorld(() => answers.shift()!());
		const first = await foresee(world, replica);
		expect(actions(first)).toEqual(['retry']);
		expect((await apply(world, replica, first)).steps).toMatchObject([
			{ outcome: 'failed', detail: 'n8n answered 401' },
		]);
		const second = await foresee(world, replica);
		expect((await apply(world, replica, second)).steps).toMatchObject([
			{ outcome: 'done', detail: 'retried as execution 9' },
		]);
		expect(actions(await foresee(world, replica))).toEqual(['leave']);
	});

	it.each([
		['no answer', new Error('no answer')],
		['a gateway that answers for n8n', new NotRetriedError('n8n answered 504', 'Read its log')],
	])('that waits for a worker in a long queue is found, with %s', async (_case, error) => {
		const { world, replica } = crashedWorld(() => {
			world.beginRow({ mode: 'retry', retryOf: '1' });
			return Promise.reject(error);
		});
		const report = await apply(world, replica, await foresee(world, replica));
		expect(report.steps).toMatchObject([{ outcome: 'done', detail: 'retried as execution 2' }]);
		world.rows.delete('2');
		expect(actions(await foresee(world, replica))).toEqual(['leave']);
	});

	it('whose answer was lost is tried no more', async () => {
		const { world, replica } = crashedWorld(() => Promise.reject(new Error('no answer')));
		const report = await apply(world, replica, await foresee(world, replica));
		expect(report.steps).toMatchObject([{ outcome: 'failed', detail: 'no answer' }]);
		expect(actions(await foresee(world, replica))).toEqual(['leave']);
	});
});

describe('what has no job', () => {
	const MINUTE_MS = 60_000;

	/** What is planned for it a minute later, or so long. */
	const plannedFor = async (
		world: LostWorld,
		after: { readonly passMs?: number; readonly more?: Partial<RecoverRequest> } = {},
	): Promise<string[]> => {
		const replica = replicaOf(world, new MemoryRecoveryRecords());
		world.pass(after.passMs ?? MINUTE_MS);
		return actions(await foresee(world, replica, after.more));
	};

	it('may yet be given one by a process that hangs, and is left until that is over', async () => {
		const world = new LostWorld(2);
		world.isMainListed = true;
		world.beginRow();
		expect(await plannedFor(world)).toEqual(['leave']);
		const passMs = RECOVERY_DEFAULTS.unqueuedSettleMs;
		expect(await plannedFor(world, { passMs })).toEqual(['enqueue again']);
	});

	it('is brought back sooner where it may run twice, or somebody knows that nothing hangs', async () => {
		const tagged = new LostWorld(2);
		tagged.tags = [TAG];
		tagged.beginRow();
		expect(await plannedFor(tagged)).toEqual(['enqueue again']);
		const known = new LostWorld(2);
		known.beginRow();
		const more = { silentWorkers: 'are dead' } as const;
		expect(await plannedFor(known, { more })).toEqual(['enqueue again']);
	});

	it('is brought back sooner where it was seen to have had one', async () => {
		const world = new LostWorld(2);
		const id = world.begin();
		const parts = partsOf(world, new MemoryRecoveryRecords());
		await parts.ledger.glance();
		world.jobs.clear();
		world.pass(MINUTE_MS);
		const request = { executionIds: [id], silentWorkers: 'may live', unsafe: 'leave' } as const;
		const outlook = await settled(world, recoverExecutions(parts).foresee(request, signal));
		expect(actions(outlook)).toEqual(['enqueue again']);
	});
});
