import { RateLimiterRedis } from 'rate-limiter-flexible';

import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { ratio } from '../compare';
import { inFlight, manyKeys, onRedis, withServer } from '../redis';

const IN_FLIGHT = 64;
const LIMIT = 1_000_000;
const PERIOD_MS = 3_600_000;

/** Theirs counts in a fixed window; ours keeps to its limit in every window, wherever it begins. */
export const rlfRedis: Benchmark = {
	id: 'rlf-redis',
	title: `Sliding-window limiter in Redis, 1,000 keys, ${IN_FLIGHT} in flight; rate-limiter-flexible RateLimiterRedis`,
	unit: 'x',
	target: { atLeast: 0.75 },
	measure: async (effort) =>
		await onRedis(async ({ admit, bulwark, connect }) => {
			const { definePolicy, guard } = bulwark;
			const options = { limit: LIMIT, periodMs: PERIOD_MS };
			const policy = definePolicy('rate-limiter', 'bench', options);
			const limiter = new RateLimiterRedis({
				storeClient: await connect(),
				points: LIMIT,
				duration: PERIOD_MS / 1_000,
			});
			const [ourKey, theirKey] = [manyKeys(), manyKeys()];
			const ours = inFlight(IN_FLIGHT, () => admit([guard(policy, ourKey())]));
			const other = inFlight(IN_FLIGHT, () => limiter.consume(theirKey()));
			return ratio(await alternate([ours, other], withServer(effort)));
		}),
};
