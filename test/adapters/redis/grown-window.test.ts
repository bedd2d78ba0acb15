import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../adapters/memory';
import type { OutcomeKind } from '../../../core/outcome';
import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyStore } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';

let server: RedisServer;
let redis: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	redis = openStore(standalone(server.port));
	await redis.connection.ready();
});

afterAll(async () => {
	redis.close();
	await server.stop();
});

const SMALLEST = 20;

/** Opens when all of at least twenty calls fail, which does not happen by chance. */
const breakerOf = (slidingWindowSize: number) =>
	definePolicy('circuit-breaker', 'api', {
		slidingWindowSize,
		minimumNumberOfCalls: SMALLEST,
		failureRateThreshold: 100,
		slowCallRateThreshold: 0,
	});

/** Makes calls that all run at once and end in turn; tells what the breaker knows then. */
async function play(
	store: PolicyStore,
	key: string,
	{ size, calls }: { size: number; calls: readonly OutcomeKind[] },
): Promise<unknown> {
	const guards = [guard(breakerOf(size), key)];
	await Promise.all(
		calls.map(async (kind) => {
			const request = { permitId: redis.newId(), guards, attempt: 1, leaseMs: 60_000 };
			const admission = await store.admit(request);
			if (admission.status !== 'granted') throw new Error(admission.status);
			await store.settle(admission.permit, { kind, latencyMs: 1 });
		}),
	);
	const known = await store.inspect({ kind: 'circuit-breaker', name: 'api', key });
	const { calls: counted, failureRate, slowCallRate } = known?.figures ?? {};
	return { counted, failureRate, slowCallRate };
}

const kinds: readonly OutcomeKind[] = ['success', 'failure', 'slow'];
const callsOf = (most: number) =>
	fc.array(fc.constantFrom(...kinds), { maxLength: most, size: 'max' });

it.each([
	{ name: 'small', windows: 60, more: 70, most: 40, stages: 12 },
	{ name: 'large', windows: 2, more: 3_000, most: 3_000, stages: 8 },
])(
	'keeps the calls of a $name window that grows in their order, as the in-process store does',
	async ({ name, windows, more, most, stages }) => {
		let made = 0;
		const stage = fc.record({ more: fc.integer({ min: 0, max: more }), calls: callsOf(most) });
		await fc.assert(
			fc.asyncProperty(
				fc.array(stage, { minLength: stages, maxLength: stages }),
				async (played) => {
					const memory = new MemoryPolicyStore(new FakeClock());
					const key = `${name} ${made++}`;
					let size = SMALLEST;
					for (const { more: further, calls } of played) {
						size += further;
						const known = await play(redis.store, key, { size, calls });
						assert.deepEqual(known, await play(memory, key, { size, calls }));
					}
				},
			),
			{ numRuns: windows },
		);
	},
);
