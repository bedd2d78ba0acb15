import { setImmediate } from 'node:timers/promises';

import { createPermitIds, systemClock } from '../../../adapters/system';
import { LeasingPolicyStore } from '../../../core/local-leases';
import { definePolicy } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { expectWithinLimit, type MadeCall } from '../../support/limit-windows';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';

const WORKERS = 3;
const CALLS = 6_000;

let server: RedisServer;
const opened: OpenStore[] = [];

beforeAll(async () => {
	server = await startRedis();
});

afterAll(async () => {
	for (const store of opened) store.close();
	await server.stop();
});

const newPermitId = createPermitIds();

function openWorker() {
	const redis = openStore(standalone(server.port));
	opened.push(redis);
	return { redis, store: new LeasingPolicyStore(redis.store, systemClock, newPermitId) };
}

type Worker = ReturnType<typeof openWorker>;

/** Asks again and again until so many calls were let through by all workers together. */
async function hammer({ redis, store }: Worker, policy: PolicyDefinition, made: MadeCall[]) {
	await redis.ping();
	while (made.length < CALLS) {
		const answer = store.admit(redis.request([policy]));
		if (!(answer instanceof Promise)) {
			if (answer.status === 'granted') made.push({ at: systemClock.now(), weight: 1 });
			else await setImmediate();
			continue;
		}
		// Counts as made when it was granted, as it does without leases.
		const late = await answer;
		if (late.status === 'granted') made.push({ at: late.permit.admittedAt, weight: 1 });
	}
}

const remaining = async ({ redis }: Worker, { name }: PolicyDefinition) =>
	(await redis.store.inspect({ kind: 'rate-limiter', name, key: '' }))?.figures.remaining;

const scriptCalls = async ({ redis }: Worker): Promise<number> => {
	await redis.ping();
	const stats = await redis.connection.client.info('commandstats');
	return Number(/cmdstat_fcall:calls=(\d+)/.exec(stats)?.[1] ?? 0);
};

describe.each([
	['sliding-window', { limit: 2_000, periodMs: 1_000 }],
	['fixed-window', { limit: 2_000, periodMs: 1_000 }],
	['gcra', { limit: 2_000, periodMs: 1_000, burst: 500 }],
] as const)('workers that lease permits of a %s limiter in Redis', (algorithm, settings) => {
	it('keep to the limit, with a few round trips for the calls of a window', async () => {
		const options = { algorithm, ...settings, localLeases: true, leaseMaxAgeMs: 200 };
		const policy = definePolicy('rate-limiter', algorithm, options);
		const workers = Array.from({ length: WORKERS }, openWorker);
		const before = await scriptCalls(workers[0]!);
		const made: MadeCall[] = [];
		await Promise.all(workers.map((worker) => hammer(worker, policy, made)));
		const asked = (await scriptCalls(workers[0]!)) - before;
		made.sort((one, other) => one.at - other.at);
		expectWithinLimit(policy.options, made, options.leaseMaxAgeMs);
		// A full bucket has permits one by one, and so they are asked for.
		if (algorithm !== 'gcra') expect(asked).toBeLessThan(CALLS / 5);
	});
});

it('gives back what a worker has not used when it ends', async () => {
	const policy = definePolicy('rate-limiter', 'given back', {
		algorithm: 'gcra',
		limit: 1,
		periodMs: 3_600_000,
		burst: 10_000,
		localLeases: true,
		leaseMaxAgeMs: 600_000,
	});
	const worker = openWorker();
	for (let call = 0; call < 20; call++) await worker.store.admit(worker.redis.request([policy]));
	expect(await remaining(worker, policy)).toBeLessThan(9_980);
	await worker.store.drain();
	expect(await remaining(worker, policy)).toBe(9_980);
});
