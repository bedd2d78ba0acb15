import { setTimeout as sleep } from 'node:timers/promises';

import { Secret } from '../../mcp-server/config/secret';
import { noteFigure } from '../support/note-figure';
import { until } from '../support/until';
import { untilStates, whoRuns, WorkedStack, type Replica } from '../support/worked-stack';

const WATCH = { enabled: true, everySeconds: 10, recover: 'safe', heal: false } as const;
/** What is allowed from a fault to its being named, in ms. */
const NAMED_WITHIN_MS = 30_000;
/** Looks enough for whatever might be done once more. */
const LATER_MS = 60_000;
const ASK_EVERY_MS = 1_000;

let test: WorkedStack;
let replica: Replica;

beforeAll(async () => {
	// As where containers are: who dies is started again at once.
	test = await WorkedStack.start(10, {}, 'restart');
	await test.stack.addWorker();
	const apiKey = new Secret(await test.stack.client.createApiKey('watch'));
	const n8n = { url: test.stack.client.url, apiKey };
	replica = await test.addReplica({ watch: WATCH, n8n });
	await untilStates([replica], { 'worker-1': 'idle', 'worker-2': 'idle' });
});

afterAll(async () => {
	await test?.stop();
});

/** As by what kills its worker as soon as it runs. */
async function killRunnerOf(id: string): Promise<void> {
	let runner: string | undefined;
	while (runner === undefined)
		runner = (await whoRuns([id], replica).catch(() => undefined))?.get(id);
	await test.stack.kill(runner);
}

async function untilNamed(id: string): Promise<number> {
	const since = Date.now();
	for (;;) {
		const { structured } = await replica.client.call('find_lost_executions', { limit: 500 });
		if (structured.lost.some((one: { executionId: string }) => one.executionId === id))
			return Date.now() - since;
		await sleep(ASK_EVERY_MS, undefined, { ref: false });
	}
}

it('what kills each worker that runs it is run again by the watch once, and named each time', async () => {
	const { service } = test;
	const [id] = await test.begin('safe', 1);
	await killRunnerOf(id!);
	await until(() => service.held.size === 0);
	await until(() => service.held.size === 1);
	// Another where n8n has marked it as crashed before it was brought back.
	const [again] = service.held;
	await killRunnerOf(again!);
	const tookMs = await untilNamed(again!);
	noteFigure('what dies once more is named after', tookMs, 'ms');
	expect(tookMs).toBeLessThanOrEqual(NAMED_WITHIN_MS);
	await sleep(LATER_MS);
	const begun = [...service.calls.values()].reduce((sum, calls) => sum + calls, 0);
	expect([[...service.calls.keys()], begun]).toEqual([[...new Set([id, again])], 2]);
	const { structured } = await replica.client.call('list_recoveries');
	expect(structured.recoveries).toMatchObject([{ executionId: id }]);
});
