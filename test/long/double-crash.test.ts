import { setTimeout as sleep } from 'node:timers/promises';

import { Secret } from '../../mcp-server/config/secret';
import { noteFigure } from '../support/note-figure';
import { until } from '../support/until';
import { untilStates, WorkedStack, type Replica } from '../support/worked-stack';

/** Given executions while there is no other, so that they are known to be its. */
const CRASHING = 'worker-1';
const OTHER = 'worker-2';
const SAFE = 2;
const ASK_EVERY_MS = 1_000;
/** What is allowed from a fault to its being named, in ms. */
const NAMED_WITHIN_MS = 30_000;

let test: WorkedStack;
let replica: Replica;

afterEach(async () => {
	await test?.stop();
});

async function call(tool: string, given: Record<string, unknown> = {}) {
	const { isError, text, structured } = await replica.client.call(tool, given);
	if (isError) throw new Error(text);
	return structured;
}

interface Lost {
	readonly executionId: string;
	readonly loss: string;
	readonly isSurelyDead: boolean;
}

/** Asks until all of these are lost, and surely dead. @returns after how long, in ms. */
async function untilSurelyDead(ids: readonly string[]): Promise<number> {
	const since = Date.now();
	for (;;) {
		const lost: readonly Lost[] = (await call('find_lost_executions', { limit: 500 })).lost;
		const dead = new Set(
			lost.flatMap((one) =>
				one.isSurelyDead && one.loss === 'died with its worker' ? [one.executionId] : [],
			),
		);
		if (ids.every((id) => dead.has(id))) return Date.now() - since;
		await sleep(ASK_EVERY_MS, undefined, { ref: false });
	}
}

it.each([
	['18 s', 18_000, 0],
	['45 s, and is well for two minutes', 45_000, 120_000],
])(
	'a worker that dies after another has died twice within %s is known to be dead',
	async (_, apartMs, wellForMs) => {
		// As where containers are: who dies is started again at once.
		test = await WorkedStack.start(1, { [OTHER]: SAFE + 1 }, 'restart');
		const { stack, service, rows } = test;
		const [first] = await test.begin('plain', 1);
		await stack.addWorker();
		const safe = await test.begin('safe', SAFE);
		const plain = await test.begin('plain', 1);
		const apiKey = new Secret(await stack.client.createApiKey('recovery'));
		replica = await test.addReplica({ n8n: { url: stack.client.url, apiKey } });
		await untilStates([replica], { [CRASHING]: 'saturated', [OTHER]: 'saturated' });

		const crashedAt = Date.now();
		await stack.kill(CRASHING);
		// Only the one that was started again has a slot for it.
		const [second] = await test.begin('plain', 1);
		noteFigure('a worker that has died has taken the next job after', Date.now() - crashedAt, 'ms');
		await sleep(Math.max(0, crashedAt + apartMs - Date.now()));
		noteFigure('it dies again after', Date.now() - crashedAt, 'ms');
		await stack.kill(CRASHING);
		await untilStates([replica], { [CRASHING]: 'idle' });
		await untilSurelyDead([first!, second!]);
		await sleep(wellForMs);

		await stack.kill(OTHER);
		const tookMs = await untilSurelyDead([...safe, ...plain]);
		noteFigure('executions of the next worker are known to be dead after', tookMs, 'ms');
		expect(tookMs).toBeLessThanOrEqual(NAMED_WITHIN_MS);
		// As soon as it is back, n8n marks as crashed what it ran; then nothing changes between the plan and what is done.
		await untilStates([replica], { [OTHER]: 'idle' });
		await untilSurelyDead([...safe, ...plain]);
		const { planId } = await call('plan_recovery', { executionIds: [...safe, ...plain] });
		service.release();
		const { steps } = await call('apply_plan', { planId });
		expect(steps.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
			...safe.map(() => 'done'),
			...plain.map(() => 'left'),
		]);
		const { recoveries } = await call('list_recoveries');
		const again = new Map<string, string>(
			recoveries.map((one: Record<string, string>) => [
				one.executionId,
				one.retriedAs ?? one.executionId,
			]),
		);
		expect([...again.keys()].toSorted()).toEqual(safe.toSorted());
		await until(async () => {
			const ended = new Set(await rows.idsWithStatus('success'));
			return [...again.values()].every((id) => ended.has(id));
		});
		const calls = new Map([first!, second!, ...safe, ...plain].map((id) => [id, 1]));
		for (const id of again.values()) calls.set(id, (calls.get(id) ?? 0) + 1);
		expect(service.calls).toEqual(calls);
	},
);
