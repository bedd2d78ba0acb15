import { setTimeout as sleep } from 'node:timers/promises';

import { Secret } from '../../mcp-server/config/secret';
import { noteFigure } from '../support/note-figure';
import { until } from '../support/until';
import {
	auditOf,
	expectWholeAudits,
	Traffic,
	untilStates,
	whoRuns,
	WorkedStack,
	type Replica,
} from '../support/worked-stack';

/** Given executions while there is no other, so that they are known to be its. */
const KILLED = 'worker-1';
const LOSING = 'worker-2';
const SLOTS = { [KILLED]: 4, [LOSING]: 3 };
const WATCH = { enabled: true, everySeconds: 10, recover: 'safe', heal: true } as const;
/** A free slot asks for a job every 5 s: within this time it loses the answer, and the job that is in it. */
const LOST_FOR_MS = 6_000;
/** Looks enough for whatever might be done a second time. */
const LATER_MS = 60_000;
const ASK_EVERY_MS = 1_000;

let test: WorkedStack;
let replicas: readonly Replica[];
let traffic: Traffic | undefined;
let safe: readonly string[];
let plain: readonly string[];

beforeAll(async () => {
	// As where containers are: who dies is started again at once.
	test = await WorkedStack.start(10, SLOTS, 'restart');
	const { stack, service } = test;
	safe = await test.begin('safe', 2);
	plain = await test.begin('plain', 2);
	await stack.addWorker();
	const [ended] = await test.begin('plain', SLOTS[LOSING]);
	await Promise.all([stack.addWorker(), stack.addWorker()]);
	const apiKey = new Secret(await stack.client.createApiKey('watch'));
	const config = { watch: WATCH, n8n: { url: stack.client.url, apiKey } };
	replicas = [await test.addReplica(config), await test.addReplica(config)];
	await untilStates(replicas, { [KILLED]: 'saturated', [LOSING]: 'saturated' });
	service.release([ended!]);
	await untilStates(replicas, { [LOSING]: 'working', 'worker-3': 'idle', 'worker-4': 'idle' });
});

afterAll(async () => {
	await traffic?.stop().catch(() => undefined);
	await test?.stop();
});

/** What each replica has done without being asked, the latest last. */
const doneBy = async (replica: Replica) =>
	(await auditOf(replica)).filter(({ operation }) => operation.startsWith('watch'));

const allDone = async () => (await Promise.all(replicas.map(doneBy))).flat();

/** What was brought back, the newest first. */
const recoveriesBy = async ({ client }: Replica): Promise<Array<Record<string, string>>> =>
	(await client.call('list_recoveries', { limit: 200 })).structured.recoveries;

/** By which executions these are run again: their own, or others where n8n has marked them before. */
async function againOf(ids: readonly string[], replica: Replica): Promise<string[]> {
	const recoveries = await recoveriesBy(replica);
	return recoveries
		.filter(({ executionId }) => ids.includes(executionId!))
		.map(({ executionId, retriedAs }) => retriedAs ?? executionId!);
}

async function areRunAgain(ids: readonly string[], replica: Replica): Promise<boolean> {
	const again = await againOf(ids, replica);
	const due = (id: string): number => (ids.includes(id) ? 2 : 1);
	return again.length === ids.length && again.every((id) => test.service.calls.get(id) === due(id));
}

it('heals a zombie and brings back what is safe, once and by one of two replicas', async () => {
	traffic = new Traffic(test);
	const since = Date.now();
	const spoilt = test.machines.proxyOf(LOSING);
	spoilt.loseReplies();
	await test.stack.kill(KILLED);
	await sleep(LOST_FOR_MS);
	spoilt.passReplies();
	const tookMs = async (what: string, isSo: () => boolean | Promise<boolean>) => {
		while (!(await isSo())) await sleep(ASK_EVERY_MS);
		noteFigure(what, Date.now() - since, 'ms');
	};
	await Promise.all([
		tookMs('what a killed worker ran is run again by the watch after', () =>
			areRunAgain(safe, replicas[1]!),
		),
		tookMs('a worker that has lost replies is healed by the watch after', async () =>
			(await allDone()).some(
				({ operation, outcome }) => operation === 'watch: heal worker' && outcome === 'done',
			),
		),
	]);
	await sleep(LATER_MS);
	await traffic.stop();
	test.service.release();
	const all = await test.rows.allIds();
	const again = await againOf(safe, replicas[0]!);
	const dead = [...plain, ...safe.filter((id) => !again.includes(id))];
	const wanted = all.filter((id) => !dead.includes(id));
	await until(async () => {
		const ended = new Set(await test.rows.idsWithStatus('success'));
		return wanted.every((id) => ended.has(id));
	});
	expect(new Map(all.map((id) => [id, test.service.calls.get(id)]))).toEqual(
		new Map(all.map((id) => [id, safe.includes(id) && again.includes(id) ? 2 : 1])),
	);
	const recoveries = await recoveriesBy(replicas[0]!);
	noteFigure('executions that the watch brought back', recoveries.length, '');
	expect(recoveries.map(({ executionId }) => executionId)).toEqual(
		expect.arrayContaining([...safe]),
	);
	for (const { by, endedAs } of recoveries) expect([by, endedAs]).toEqual(['watch', 'success']);

	const done = await Promise.all(replicas.map(doneBy));
	expect(done.filter(({ length }) => length > 0)).toHaveLength(1);
	const healed = done.flat().filter(({ operation }) => operation === 'watch: heal worker');
	expect(healed.map(({ outcome }) => outcome)).toEqual(['started', 'done']);
	await expectWholeAudits(replicas);
});

it('goes on by the other replica when the one that acted is stopped', async () => {
	const done = await Promise.all(replicas.map(doneBy));
	const [acting, other] = done[0]!.length > 0 ? replicas : replicas.toReversed();
	await acting!.stop();
	test.service.hold();
	const ids = await test.begin('safe', 1);
	const runner = (await whoRuns(ids, other!)).get(ids[0]!)!;
	const since = Date.now();
	await test.stack.kill(runner);
	while (!(await areRunAgain(ids, other!))) await sleep(ASK_EVERY_MS);
	noteFigure(
		'what a killed worker ran is run again by the other replica after',
		Date.now() - since,
		'ms',
	);
	test.service.release();
	const [again] = await againOf(ids, other!);
	await until(async () => (await test.rows.idsWithStatus('success')).includes(again!));
	await until(async () => (await doneBy(other!)).at(-1)?.outcome === 'done');
	await expectWholeAudits([other!]);
});
