import { MemoryPolicyStore } from '../../../adapters/memory';
import { systemClock } from '../../../adapters/system';
import { ScopedBreakerStore } from '../../../core/breaker-scope';
import type { OutcomeKind } from '../../../core/outcome';
import { definePolicy } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';

const WORKERS = [0, 1, 2, 3];
/** Longer than the calls of a test take on a busy machine. */
const WAIT_MS = 3_000;

let server: RedisServer;
let opened: OpenStore[];

beforeAll(async () => {
	server = await startRedis();
	opened = WORKERS.map(() => openStore(standalone(server.port)));
});

afterAll(async () => {
	for (const store of opened) store.close();
	await server.stop();
});

const breakerOf = (scope: string, name: string) =>
	definePolicy('circuit-breaker', name, {
		scope,
		failureRateThreshold: 20,
		minimumNumberOfCalls: 8,
		waitDurationInOpenStateMs: WAIT_MS,
		permittedNumberOfCallsInHalfOpenState: 1,
	});

/** Workers with a connection of their own each, and a limiter beside the breaker. */
function setUp(policy: PolicyDefinition) {
	const limiter = definePolicy('rate-limiter', policy.name, { limit: 1_000, burst: 1_000 });
	const stores = opened.map(
		({ store }, number) =>
			new ScopedBreakerStore(store, new MemoryPolicyStore(systemClock), `worker ${number}`),
	);
	const call = async (worker: number, kind: OutcomeKind) => {
		const answer = await stores[worker]!.admit(opened[worker]!.request([limiter, policy]));
		if (answer.status === 'granted')
			await stores[worker]!.settle(answer.permit, { kind, latencyMs: 0 });
		return answer.status;
	};
	const fail = async (...bad: number[]) => {
		for (let round = 0; round < 10; round++)
			for (const worker of WORKERS)
				await call(worker, bad.includes(worker) ? 'failure' : 'success');
	};
	const turnedAway = async () => {
		const answers = await Promise.all(WORKERS.map((worker) => call(worker, 'ignored')));
		return WORKERS.filter((worker) => answers[worker] === 'rejected');
	};
	return { call, fail, turnedAway };
}

it.each([
	['shared', [0], WORKERS],
	['local', [0, 1], [0, 1]],
	['quorum', [0], [0]],
	['quorum', [0, 1], WORKERS],
] as const)('by scope %s failures of workers %j turn away workers %j', async (scope, bad, away) => {
	const { fail, turnedAway } = setUp(breakerOf(scope, `${scope} by ${bad.length}`));
	await fail(...bad);
	expect(await turnedAway()).toEqual([...away]);
});

it('closes by quorum when the probes of those who found it open succeed', async () => {
	const { call, fail, turnedAway } = setUp(breakerOf('quorum', 'recovering'));
	await fail(0, 1);
	expect(await turnedAway()).toEqual(WORKERS);
	await until(async () => (await call(0, 'success')) === 'granted');
	expect(await call(2, 'success')).toBe('granted');
});

it('lets the votes of workers that are gone lapse', async () => {
	const { call, fail, turnedAway } = setUp(breakerOf('quorum', 'gone'));
	const votes = async () => await opened[0]!.connection.client.keys('*gone*breaker-quorum:');
	await fail(0, 1);
	expect(await turnedAway()).toEqual(WORKERS);
	expect(await votes()).toHaveLength(1);
	await until(async () => (await call(3, 'success')) === 'granted');
	await until(async () => (await votes()).length === 0);
});
