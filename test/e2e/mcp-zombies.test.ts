import { setTimeout as sleep } from 'node:timers/promises';

import { workThrough } from '../support/mcp/work-through';
import { noteFigure } from '../support/note-figure';
import { until } from '../support/until';
import {
	AlarmLog,
	expectWholeAudits,
	Traffic,
	untilStates,
	whoRuns,
	WorkedStack,
	type Alarm,
	type Replica,
} from '../support/worked-stack';

/** The only one while it is given executions, which are known to be its by that. */
const HALF_OPEN = 'worker-1';
const LOSING = 'worker-2';
/** Full of long executions all the time. */
const FULL = 'worker-3';
const FREE = 'worker-4';
const SLOTS = { [HALF_OPEN]: 4, [LOSING]: 3, [FULL]: 2 };
const SLOTS_OF_FREE = 10;
/** A free slot asks for a job every 5 s: within this time it loses the answer. */
const LOST_FOR_MS = 6_000;
/** What is allowed from a fault to its being named, in ms. */
const NAMED_WITHIN_MS = 30_000;

let test: WorkedStack;
let replicas: readonly [Replica, Replica];
let logs: readonly AlarmLog[];
let traffic: Traffic | undefined;
/** Of the half-open worker: what ends on it, what dies with it, and of that what nobody has called safe. */
let ending: string;
let dying: string;
let unsafe: string;

beforeAll(async () => {
	test = await WorkedStack.start(SLOTS_OF_FREE, SLOTS);
	const { stack, service } = test;
	[ending, dying] = (await test.begin('safe', 2)) as [string, string];
	const [ended, other] = (await test.begin('plain', 2)) as [string, string];
	unsafe = other;
	await Promise.all([stack.addWorker(), stack.addWorker(), stack.addWorker()]);
	replicas = [await test.addReplica(), await test.addReplica()];
	const ids = await test.begin('plain', SLOTS[LOSING] + SLOTS[FULL] + SLOTS_OF_FREE);
	// How many slots a worker has shows when it is full.
	const all = [HALF_OPEN, LOSING, FULL, FREE];
	await untilStates(replicas, Object.fromEntries(all.map((worker) => [worker, 'saturated'])));
	const runners = await whoRuns(ids, replicas[0]);
	const of = (worker: string) => ids.filter((id) => runners.get(id) === worker);
	service.release([ended, ...of(LOSING).slice(2), ...of(FREE).slice(2)]);
	const freed = [HALF_OPEN, LOSING, FREE].map((worker) => [worker, 'working']);
	await untilStates(replicas, { ...Object.fromEntries(freed), [FULL]: 'saturated' });
});

afterAll(async () => {
	await Promise.allSettled([traffic?.stop(), ...(logs ?? []).map((log) => log.stop())]);
	await test?.stop();
});

let faultAt: number;

/** By both replicas, in time and by evidence of two sources. */
async function expectNamed(worker: string, fault: string): Promise<Alarm> {
	const alarms = await Promise.all(logs.map((log) => log.until(worker)));
	for (const [index, { state, toldAt, evidence }] of alarms.entries()) {
		noteFigure(`a worker ${fault} is named by replica ${index + 1} after`, toldAt - faultAt, 'ms');
		expect(state).toBe('zombie');
		expect(toldAt - faultAt).toBeLessThanOrEqual(NAMED_WITHIN_MS);
		expect(new Set(evidence.map(({ source }) => source)).size).toBeGreaterThanOrEqual(2);
	}
	return alarms[0]!;
}

const call = async ({ client }: Replica, tool: string, given: Record<string, unknown> = {}) => {
	const { isError, text, structured } = await client.call(tool, given);
	if (isError) throw new Error(text);
	return structured;
};

/** What is planned for each execution, by its id. */
const actionsIn = ({ steps }: { steps: ReadonlyArray<{ action: string; subject: string }> }) =>
	new Map(steps.map(({ action, subject }) => [/\d+/.exec(subject)![0], action]));

it('names a half-open worker, says that only a restart will do, and leaves what it runs', async () => {
	const [one, other] = replicas;
	logs = replicas.map((replica) => new AlarmLog(replica));
	faultAt = Date.now();
	test.machines.proxyOf(HALF_OPEN).halfOpen();
	const losing = test.machines.proxyOf(LOSING);
	losing.loseReplies();
	await sleep(LOST_FOR_MS);
	losing.passReplies();
	traffic = new Traffic(test);

	const { id } = await expectNamed(HALF_OPEN, 'that is half-open');
	const answers = await workThrough(one.client, 'worker-zombie', {}, { worker: id });
	const healing = answers.get('plan_worker_healing')!.structured;
	expect(healing.summary).toContain('is zombie, and only a restart will do');
	expect(healing.steps).toMatchObject([
		{ action: 'leave', reason: expect.stringContaining('restart it') },
	]);
	const its = [ending, dying, unsafe];
	let planned: ReadonlyMap<string, string>;
	do {
		planned = actionsIn(await call(other, 'plan_recovery'));
		expect([...planned.values()].filter((action) => action !== 'leave')).toEqual([]);
	} while (!its.every((execution) => planned.has(execution)));
	// Whoever has lost Redis still reaches the database.
	test.service.release([ending]);
	await until(async () => (await test.rows.idsWithStatus('success')).includes(ending));
});

it('brings back what died with it when it is killed, once by two replicas', async () => {
	await test.stack.kill(HALF_OPEN);
	const plans = await Promise.all(replicas.map((replica) => call(replica, 'plan_recovery')));
	for (const plan of plans) {
		const planned = actionsIn(plan);
		expect(planned.get(dying)).toBe('enqueue again');
		expect([...planned.values()].filter((action) => action !== 'leave')).toHaveLength(1);
		expect(planned.has(ending)).toBe(false);
	}
	const applied = await Promise.all(
		replicas.map(
			async ({ client }, index) => await client.call('apply_plan', { planId: plans[index].planId }),
		),
	);
	// The plan of the other is stale, or its claim comes too late.
	const steps = applied.flatMap(({ structured }) => structured?.steps ?? []);
	expect(steps.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
	await until(() => test.service.calls.get(dying) === 2);
});

it('names one that has lost replies, and heals it by a plan of one replica that the other applies', async () => {
	const [one, other] = replicas;
	const { id } = await expectNamed(LOSING, 'that has lost replies');
	const since = Date.now();
	const plan = await call(one, 'plan_worker_healing', { worker: id });
	expect(plan.summary).toContain('can be healed without a restart');
	const { steps } = await call(other, 'apply_plan', { planId: plan.planId });
	noteFigure('a worker that has lost replies is healed after', Date.now() - since, 'ms');
	expect(steps).toMatchObject([
		{
			action: 'close all connections',
			outcome: 'done',
			detail: expect.stringMatching(/^\d+ connections closed; it takes jobs again after \d+ s$/),
		},
	]);
	// It has one free slot, and the other worker that is well has these besides what it has run on and brought back.
	const filling = await test.begin('plain', 1 + SLOTS_OF_FREE - 3);
	expect([...(await whoRuns(filling, one)).values()]).toContain(LOSING);
});

it('has lost no execution and run none twice by then, and has raised no other alarm', async () => {
	await traffic!.stop();
	await test.stack.addWorker();
	test.service.release();
	const all = await test.rows.allIds();
	const wanted = new Set(all.filter((id) => id !== unsafe));
	await until(async () => {
		const ended = new Set(await test.rows.idsWithStatus('success'));
		return [...wanted].every((id) => ended.has(id));
	});
	expect(new Map(all.map((id) => [id, test.service.calls.get(id)]))).toEqual(
		new Map(all.map((id) => [id, id === dying ? 2 : 1])),
	);
	const well = [LOSING, FULL, FREE, 'worker-5'].map((worker) => [worker, 'idle']);
	await untilStates(replicas, Object.fromEntries(well));
	for (const log of logs) {
		await log.stop();
		expect([...log.alarms.keys()].sort()).toEqual([HALF_OPEN, LOSING]);
	}
	await expectWholeAudits(replicas);
});
