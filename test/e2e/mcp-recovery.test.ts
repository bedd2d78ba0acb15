import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { noteFigure } from '../support/note-figure';
import { until } from '../support/until';
import {
	expectWholeAudits,
	isAlarming,
	WorkedStack,
	workersToldBy,
	type Replica,
} from '../support/worked-stack';

const CONCURRENCY = 10;
/** Of those workers whose connections are spoilt: each slot asks for jobs by itself. */
const FEW = 2;
/** How long all workers are full of long jobs without a false alarm, in ms; ten minutes in the long tests. */
const SATURATED_MS = Number(process.env.BULWARK_SATURATED_MS ?? 10_000);
const LONGEST_TEST_MS = SATURATED_MS + 120_000;
/** What is allowed from a fault to its being named, in ms. */
const NAMED_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 1_000;

let test: WorkedStack;
let redis: Redis;
let one: Replica;
let other: Replica;
/** Of worker-1, by whether they may run again. */
let safe: string[];
let plain: string[];
let unqueued: string | undefined;
/** With which status whoever called one of the safe ones is answered when it has ended. */
let answer: Promise<number>;

beforeAll(async () => {
	test = await WorkedStack.start(CONCURRENCY, { 'worker-2': FEW, 'worker-3': FEW });
	const { stack } = test;
	redis = new Redis({ ...stack.redis, retryStrategy: () => null });
	const answered = await test.beginAnswered();
	({ answer } = answered);
	safe = [answered.id, ...(await test.begin('safe', 4))];
	plain = await test.begin('plain', 5);
	await Promise.all([stack.addWorker(), stack.addWorker(), stack.addWorker()]);
	[one, other] = [await test.addReplica(), await test.addReplica()];
});

afterAll(async () => {
	redis?.disconnect();
	await test?.stop();
});

interface Lost {
	readonly executionId: string;
	readonly loss: string;
	readonly isSurelyDead: boolean;
	readonly evidence: ReadonlyArray<{ readonly source: string }>;
}

async function findLost({ client }: Replica): Promise<readonly Lost[]> {
	const { isError, text, structured } = await client.call('find_lost_executions', { limit: 500 });
	if (isError) throw new Error(text);
	return structured.lost as Lost[];
}

/** Asks until as many are lost as are wanted. */
async function untilLost(wanted: number): Promise<{ found: readonly Lost[]; tookMs: number }> {
	const since = Date.now();
	for (;;) {
		const found = await findLost(one);
		if (found.length >= wanted) return { found, tookMs: Date.now() - since };
		await sleep(ASK_EVERY_MS, undefined, { ref: false });
	}
}

const untilSucceeded = async (ids: readonly string[]): Promise<void> =>
	await until(async () => {
		const ended = new Set(await test.rows.idsWithStatus('success'));
		return ids.every((id) => ended.has(id));
	});

const callsOf = (ids: readonly string[]) => ids.map((id) => test.service.calls.get(id) ?? 0);

it('a job that got lost is named behind 150 newer rows', async () => {
	await test.begin('plain', CONCURRENCY + 2 * FEW);
	// All slots are busy, so its job waits.
	await test.trigger('plain', 1);
	await until(async () => {
		[unqueued] = await test.rows.idsWithStatus('new');
		return unqueued !== undefined && (await redis.llen('bull:jobs:wait')) === 1;
	});
	// Who has seen its job knows that it is not added later.
	for (const { client } of [one, other])
		expect((await client.call('explain_execution', { executionId: unqueued })).isError).toBe(false);
	const [jobId] = await redis.lrange('bull:jobs:wait', 0, -1);
	await redis.multi().del(`bull:jobs:${jobId}`, 'bull:jobs:wait', 'bull:jobs:priority').exec();
	await test.rows.addRunning(150, unqueued!);
	const { found, tookMs } = await untilLost(1);
	noteFigure('a job lost between database and queue is named after', tookMs, 'ms');
	expect(found).toMatchObject([{ executionId: unqueued, loss: 'never reached a worker' }]);
});

it(
	'workers that are full of long executions raise no false alarm',
	async () => {
		const since = Date.now();
		let looks = 0;
		while (Date.now() - since < SATURATED_MS) {
			expect((await findLost(one)).map(({ executionId }) => executionId)).toEqual([unqueued]);
			expect([...(await workersToldBy(other)).values()].filter(isAlarming)).toEqual([]);
			looks++;
			await sleep(ASK_EVERY_MS);
		}
		noteFigure('looks at saturated workers without a false alarm', looks, '');
	},
	LONGEST_TEST_MS,
);

it('what a killed worker ran is named, and brought back once by two replicas, with the lost job', async () => {
	await test.stack.kill('worker-1');
	const { found, tookMs } = await untilLost(CONCURRENCY + 1);
	noteFigure('ten executions of a killed worker are named after', tookMs, 'ms');
	expect(tookMs).toBeLessThanOrEqual(NAMED_WITHIN_MS);
	expect(new Map(found.map(({ executionId, loss }) => [executionId, loss]))).toEqual(
		new Map([
			...[...safe, ...plain].map((id) => [id, 'died with its worker'] as const),
			[unqueued, 'never reached a worker'] as const,
		]),
	);
	for (const { evidence, isSurelyDead } of found) {
		expect(isSurelyDead).toBe(true);
		expect(new Set(evidence.map(({ source }) => source)).size).toBeGreaterThanOrEqual(2);
	}

	const wanted = [...safe, unqueued!];
	const before = callsOf(wanted);
	const plans = await Promise.all([one, other].map(({ client }) => client.call('plan_recovery')));
	for (const { structured } of plans) {
		const actions = structured.steps.map(({ action }: { action: string }) => action).sort();
		expect(actions).toEqual([
			...Array<string>(wanted.length).fill('enqueue again'),
			...Array<string>(plain.length).fill('leave'),
		]);
	}
	test.service.release();
	const since = Date.now();
	const [first, second] = plans.map(({ structured }) => structured.planId as string);
	const applied = await Promise.all([
		one.client.call('apply_plan', { planId: first }),
		other.client.call('apply_plan', { planId: first }),
		other.client.call('apply_plan', { planId: second }),
	]);
	const steps = applied.flatMap(({ structured }) => structured?.steps ?? []);
	const done = steps.filter(({ outcome }: { outcome: string }) => outcome === 'done');
	expect(done).toHaveLength(wanted.length);
	await untilSucceeded(wanted);
	noteFigure('what was lost has succeeded after', Date.now() - since, 'ms');
	expect(callsOf(wanted)).toEqual(before.map((calls) => calls + 1));
	expect(callsOf(plain)).toEqual(plain.map(() => 1));
	expect(await answer).toBe(200);
	const { structured } = await other.client.call('list_recoveries');
	const records: Array<{ executionId: string; endedAs?: string }> = structured.recoveries;
	expect(new Map(records.map(({ executionId, endedAs }) => [executionId, endedAs]))).toEqual(
		new Map(wanted.map((id) => [id, 'success'])),
	);
	await expectWholeAudits([one, other]);
});
