import fc from 'fast-check';
import { Redis } from 'ioredis';

import { MemoryIdempotencyStore } from '../../../adapters/memory';
import { RedisIdempotencyStore, ScriptRunner, StateKeys, WakeUps } from '../../../adapters/redis';
import { createPermitIds } from '../../../adapters/system';
import { FakeClock } from '../../support/fake-clock';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { RunHistory, runStep } from '../memory/run-histories';

/** A fifth of what the policies are asked: there is much less to answer. */
const LEAST_STEPS = Number(process.env.BULWARK_STEPS ?? 100_000) / 5;

let server: RedisServer;
let client: Redis;
let listener: Redis;

beforeAll(async () => {
	server = await startRedis();
	client = new Redis(server.port, '127.0.0.1');
	listener = client.duplicate();
});

afterAll(async () => {
	client.disconnect();
	listener.disconnect();
	await server.stop();
});

const keys = new StateKeys('test:');
/** Nobody waits here. */
const wakeUps = new WakeUps(() => Promise.resolve(listener), keys.wakeChannel, new FakeClock());

const newId = createPermitIds();

function redisStore(clock: FakeClock): RedisIdempotencyStore {
	return new RedisIdempotencyStore({
		runner: new ScriptRunner({
			client,
			ready: () => Promise.resolve(),
			loadLibrary: async (source) =>
				void (await client.call('FUNCTION', 'LOAD', 'REPLACE', source)),
		}),
		keys,
		wakeUps,
		newRequestId: newId,
		clock,
		isTimeOwn: true,
	});
}

it('gives the answers that the in-process store gives, which keep the rules', async () => {
	let steps = 0;
	const history = fc.array(runStep, { maxLength: 500, size: 'max' });
	await fc.assert(
		fc.asyncProperty(history, async (played) => {
			steps += played.length;
			await client.flushall();
			const clock = new FakeClock();
			const stores = [new MemoryIdempotencyStore(clock), redisStore(clock)];
			await new RunHistory(clock, stores).play(played);
			for (const key of await client.keys('*')) expect(await client.pttl(key)).toBeGreaterThan(0);
		}),
		{ numRuns: 20 + Math.ceil(LEAST_STEPS / 180) },
	);
	expect(steps).toBeGreaterThanOrEqual(LEAST_STEPS);
}, 3_600_000);
