import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { ratio } from '../compare';
import { inFlight, manyKeys, onRedis, withServer, type RedisBench } from '../redis';

const IN_FLIGHT = 64;

/** One call of a script that does nothing, by the connection that our store uses: what any script costs at least. */
async function noScript({ client, newId }: RedisBench): Promise<() => Promise<unknown>> {
	const sha = (await client.script('LOAD', 'return 0')) as string;
	return () => client.evalsha(sha, 1, 'bulwark:noop', newId());
}

const admitting = ({ admit, bulwark }: RedisBench, algorithm: string): (() => Promise<unknown>) => {
	const { definePolicy, guard } = bulwark;
	const limit = 1_000_000;
	const burst = algorithm === 'gcra' ? { burst: limit } : {};
	const options = { algorithm, limit, periodMs: 3_600_000, ...burst };
	const policy = definePolicy('rate-limiter', 'bench', options);
	const key = manyKeys();
	return () => admit([guard(policy, key())]);
};

const against = (id: string, algorithm: string, title: string): Benchmark => ({
	id,
	title: `${title} in Redis, 1,000 keys, ${IN_FLIGHT} in flight; a script that does nothing (EVALSHA)`,
	unit: 'x',
	target: id === 'redis-limiter' ? { atLeast: 0.7 } : undefined,
	measure: async (effort) =>
		await onRedis(async (redis) => {
			const ours = inFlight(IN_FLIGHT, admitting(redis, algorithm));
			const other = inFlight(IN_FLIGHT, await noScript(redis));
			return ratio(await alternate([ours, other], withServer(effort)));
		}),
});

export const redisLimiter = against('redis-limiter', 'sliding-window', 'Sliding-window limiter');

export const redisLimiterGcra = against('redis-limiter-gcra', 'gcra', 'GCRA limiter');
