import type { Guard } from '../../core/ports';
import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { ratio } from '../compare';
import { inFlight, manyKeys, onRedis, withServer, type RedisBench } from '../redis';

/** Nobody settles: slots lapse while others are taken, as those of workers that died do. */
const LEASE_MS = 100;

function guards({ bulwark }: RedisBench): () => readonly Guard[] {
	const { definePolicy, guard } = bulwark;
	const policies = [
		definePolicy('rate-limiter', 'bench', { limit: 1_000_000, periodMs: 3_600_000 }),
		definePolicy('circuit-breaker', 'bench', {}),
		definePolicy('bulkhead', 'bench', { maxConcurrentCalls: 100_000, maxWaitDurationMs: 0 }),
	];
	const nextKey = manyKeys();
	return () => {
		const key = nextKey();
		return policies.map((policy) => guard(policy, key));
	};
}

const withInFlight = (id: string, most: number, atLeast: number): Benchmark => ({
	id,
	title: `Limiter, breaker and bulkhead in Redis admit in one script call, ${most} in flight; three calls`,
	unit: 'x',
	target: { atLeast },
	measure: async (effort) =>
		await onRedis(async (redis) => {
			const next = guards(redis);
			const fused = inFlight(most, () => redis.admit(next(), LEASE_MS));
			const apart = inFlight(most, async () => {
				for (const guard of next()) await redis.admit([guard], LEASE_MS);
			});
			return ratio(await alternate([fused, apart], withServer(effort)));
		}),
});

export const redisFused = withInFlight('redis-fused', 1, 2);

export const redisFused64 = withInFlight('redis-fused-64', 64, 1.7);
