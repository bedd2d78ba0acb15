import { RateLimiterRedis } from 'rate-limiter-flexible';

import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { ratio } from '../compare';
import { inFlight, manyKeys, onRedis, withServer, type RedisBench } from '../redis';

const IN_FLIGHT = 64;
/** Each is used often: of one that is not, nothing is taken ahead that would be of use. */
const KEYS = 10;
const LIMIT = 1_000_000;
const PERIOD_MS = 3_600_000;

const options = { limit: LIMIT, periodMs: PERIOD_MS };

/** Admissions of a limiter, with permits taken ahead in batches as they are by default. */
function admittingLeased({ bulwark, store, newId }: RedisBench): () => Promise<unknown> {
	const { definePolicy, guard, LeasingPolicyStore, systemClock } = bulwark;
	const leasing = new LeasingPolicyStore(store, systemClock, newId);
	const policy = definePolicy('rate-limiter', 'leased', { ...options, localLeases: true });
	const key = manyKeys(KEYS);
	return async () => {
		const guards = [guard(policy, key())];
		const answer = leasing.admit({ permitId: newId(), guards, attempt: 1, leaseMs: 30_000 });
		const admission = answer instanceof Promise ? await answer : answer;
		if (admission.status !== 'granted') throw new Error('A limit is too low to measure with.');
	};
}

export const redisLeased: Benchmark = {
	id: 'redis-leased',
	title: `Sliding-window limiter with local leases, ${KEYS} keys, ${IN_FLIGHT} in flight; one round trip an admission`,
	unit: 'x',
	target: { atLeast: 10 },
	measure: async (effort) =>
		await onRedis(async (redis) => {
			const { definePolicy, guard } = redis.bulwark;
			const policy = definePolicy('rate-limiter', 'bench', options);
			const key = manyKeys(KEYS);
			const ours = inFlight(IN_FLIGHT, admittingLeased(redis));
			const other = inFlight(IN_FLIGHT, () => redis.admit([guard(policy, key())]));
			return ratio(await alternate([ours, other], withServer(effort)));
		}),
};

/** Theirs counts in a fixed window; ours keeps to its limit in every window, wherever it begins. */
export const rlfRedisLeased: Benchmark = {
	id: 'rlf-redis-leased',
	title: `Sliding-window limiter with local leases, ${KEYS} keys, ${IN_FLIGHT} in flight; rate-limiter-flexible RateLimiterRedis`,
	unit: 'x',
	target: { atLeast: 3 },
	measure: async (effort) =>
		await onRedis(async (redis) => {
			const limiter = new RateLimiterRedis({
				storeClient: await redis.connect(),
				points: LIMIT,
				duration: PERIOD_MS / 1_000,
			});
			const key = manyKeys(KEYS);
			const ours = inFlight(IN_FLIGHT, admittingLeased(redis));
			const other = inFlight(IN_FLIGHT, () => limiter.consume(key()));
			return ratio(await alternate([ours, other], withServer(effort)));
		}),
};
