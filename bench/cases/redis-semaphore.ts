import { Semaphore } from 'redis-semaphore';

import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { ratio } from '../compare';
import { inFlight, onRedis, withServer } from '../redis';

const IN_FLIGHT = 64;
const SLOTS = 100;
const LEASE_MS = 30_000;

/** Neither side has to wait for a slot, nor to renew its lease. */
export const redisSemaphore: Benchmark = {
	id: 'redis-semaphore',
	title: `Bulkhead of ${SLOTS} in Redis, admission and settlement, ${IN_FLIGHT} in flight; redis-semaphore acquire and release`,
	unit: 'x',
	target: { atLeast: 1.2 },
	measure: async (effort) =>
		await onRedis(async ({ admit, store, bulwark, connect }) => {
			const { definePolicy, guard } = bulwark;
			const policy = definePolicy('bulkhead', 'bench', {
				maxConcurrentCalls: SLOTS,
				maxWaitDurationMs: 0,
			});
			const guards = [guard(policy)];
			const client = await connect();
			const ours = inFlight(IN_FLIGHT, async () => {
				const permit = await admit(guards, LEASE_MS);
				await store.settle(permit, { kind: 'success', latencyMs: 5 });
			});
			const other = inFlight(IN_FLIGHT, async () => {
				const semaphore = new Semaphore(client, 'bench', SLOTS, { lockTimeout: LEASE_MS });
				await semaphore.acquire();
				await semaphore.release();
			});
			return ratio(await alternate([ours, other], withServer(effort)));
		}),
};
