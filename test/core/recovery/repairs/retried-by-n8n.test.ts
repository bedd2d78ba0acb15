import { sleep } from '../../../../core/pipeline';
import type { N8nApi } from '../../../../core/ports/stack';
import { recoverExecutions } from '../../../../core/recovery';
import { NotRetriedError } from '../../../../core/stack';
import { LostWorld } from '../../../support/lost-world';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';
import { actions, apply, foresee, outcomes, partsOf, TAG } from '../recovering';

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

it('leaves what somebody has begun to retry himself since the last look', async () => {
	const world = new LostWorld(2);
	world.tags = [TAG];
	const at = world.clock.now();
	const id = world.beginRow({ status: 'crashed', startedAt: at, stoppedAt: at });
	const failedBecause = 'Workflow did not finish, possible out-of-memory issue';
	world.saved.set(id, { hasError: true, failedBecause });
	world.pass(60_000);
	const records = new MemoryRecoveryRecords();
	const parts = partsOf(world, records);
	const retry = jest.fn();
	const sources = { ...parts.sources, api: { hasKey: true, retry } as never };
	let looks = 0;
	const ledger = parts.ledger;
	const scanOf = ledger.scanOf.bind(ledger);
	ledger.scanOf = async (...asked) => {
		const report = await scanOf(...asked);
		if (++looks === 2) world.beginRow({ mode: 'retry', retryOf: id });
		return report;
	};
	const replica = recoverExecutions({ ...parts, sources });
	const outlook = await foresee(world, replica);
	expect(actions(outlook)).toEqual(['retry']);
	expect((await apply(world, replica, outlook)).steps).toMatchObject([
		{ outcome: 'left', detail: 'execution 2 tries it again' },
	]);
	expect(retry).not.toHaveBeenCalled();
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
		const { steps } = await foresee(world, replica);
		expect(steps).toMatchObject([
			{
				action: 'leave',
				reason: expect.stringMatching(/n8n was asked .*nothing shows that it has/),
			},
		]);
		expect(steps[0]!.reason).not.toContain('brought back');
	});
});
