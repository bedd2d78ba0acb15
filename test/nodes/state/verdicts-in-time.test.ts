import { setTimeout as sleep } from 'node:timers/promises';

import { definePolicy } from '../../../core/policies/define';
import type { PolicyKind, Run } from '../../../core/ports';
import type { Services } from '../../../nodes/shared/services';
import { RedisState } from '../../../nodes/shared/state/redis-state';
import { FaultProxy } from '../../support/fault-proxy';
import { LostTime } from '../../support/lost-time';
import { noteFigure } from '../../support/note-figure';
import { standalone } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { sharedNow } from '../../support/store-workers';
import { until } from '../../support/until';

/** What is promised while Redis is down. */
const VERDICT_MS = 100;

/** Until then a definition is known without asking. */
const STALE_AFTER_MS = 5_000;

const KINDS: readonly PolicyKind[] = ['rate-limiter', 'circuit-breaker', 'bulkhead', 'timeout'];

let server: RedisServer;
let proxy: FaultProxy;
/** One for each test, because an outage that one has noticed makes the next answer at once. */
const states: RedisState[] = [];

beforeAll(async () => {
	server = await startRedis();
	proxy = await FaultProxy.start(server.port);
});

afterAll(async () => {
	await Promise.all(states.map((state) => state.close()));
	await proxy.stop();
	await server.stop();
});

async function open(): Promise<Services> {
	const state = new RedisState(standalone(proxy.port));
	states.push(state);
	return await state.open('local');
}

async function begin({ runs, newPermitId }: Services): Promise<Run> {
	const answer = await runs.begin({
		runId: newPermitId(),
		name: 'pay',
		key: 'order 1',
		whenRunning: 'reject',
		whenFailed: 'run-again',
		leaseMs: 60_000,
		resultTtlMs: 60_000,
	});
	if (answer.status !== 'started') throw new Error(`It was ${answer.status}`);
	return answer.run;
}

/** How long all of it takes, without what this process lost of that time for other reasons, in ms. */
async function timed(what: string, ask: () => Promise<unknown>): Promise<number> {
	const lostTime = new LostTime();
	const askedAt = sharedNow();
	await ask();
	const at = sharedNow();
	lostTime.stop();
	noteFigure(what, at - askedAt, 'ms');
	return at - askedAt - lostTime.between(askedAt, at);
}

it('takes no longer than promised in anything that an item waits for when answers come no more', async () => {
	const [looking, remembering, falling, ending] = await Promise.all([
		open(),
		open(),
		open(),
		open(),
	]);
	for (const kind of KINDS) {
		await looking.registry.note(definePolicy(kind, 'shared'), { id: 'a/b', title: 'a step' });
		expect(await looking.policies.find(kind, 'shared')).toBeDefined();
	}
	await falling.results.set('prices', [{ price: 1 }], 60_000);
	expect(await falling.results.get('prices')).toBeDefined();
	const run = await begin(ending);
	await sleep(STALE_AFTER_MS);
	proxy.addToxic({ type: 'timeout', attributes: { timeout: 0 } });

	const took = {
		'named policies, one after another': await timed('look-up of named policies', async () => {
			for (const kind of KINDS) expect(await looking.policies.find(kind, 'shared')).toBeDefined();
		}),
		'results that are remembered': await timed('remembering a result', async () => {
			for (const price of [1, 2, 3]) await remembering.results.set('prices', [{ price }], 60_000);
		}),
		'results that are looked for': await timed('looking for a result', async () => {
			for (let item = 0; item < 3; item++)
				expect(await falling.results.get('prices')).toBeUndefined();
		}),
		'the end of work that is done once': await timed('end of a run', async () => {
			expect(await ending.runs.end(run, { state: 'done', resultJson: '[]' })).toBe('unknown');
		}),
	};
	expect(Object.entries(took).filter(([, ms]) => ms >= VERDICT_MS)).toEqual([]);

	await proxy.reset();
	for (const { results } of [looking, remembering, falling, ending])
		await until(async () => (await results.get('prices')) !== undefined);
	await until(async () => (await ending.runs.inspect(run))?.state === 'done');
});
