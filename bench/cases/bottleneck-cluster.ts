import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';

import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { noop, ratio } from '../compare';
import { inFlight, onRedis, withServer } from '../redis';

const IN_FLIGHT = 64;
const LIMIT = 1_000_000;
const PERIOD_MS = 3_600_000;

export const bottleneckCluster: Benchmark = {
	id: 'bottleneck-cluster',
	title: `Pipeline with a rate limiter in Redis, ${IN_FLIGHT} in flight; Bottleneck clustering with a reservoir`,
	unit: 'x',
	target: { atLeast: 40 },
	measure: async (effort) =>
		await onRedis(async ({ store, newId, bulwark, client }) => {
			const { definePolicy, LeaseKeeper, Pipeline, systemClock } = bulwark;
			const options = { limit: LIMIT, periodMs: PERIOD_MS };
			const pipeline = new Pipeline(
				{ rateLimiter: definePolicy('rate-limiter', 'bench', options) },
				{
					store,
					clock: systemClock,
					random: Math.random,
					leases: new LeaseKeeper(store, systemClock, 30_000),
					newPermitId: newId,
				},
			);
			const limiter = new Bottleneck({
				datastore: 'ioredis',
				clearDatastore: true,
				Redis,
				clientOptions: { host: '127.0.0.1', port: client.options.port },
				reservoir: LIMIT,
				reservoirRefreshAmount: LIMIT,
				reservoirRefreshInterval: PERIOD_MS,
			});
			await limiter.ready();
			try {
				const ours = inFlight(IN_FLIGHT, () => pipeline.execute(noop));
				const other = inFlight(IN_FLIGHT, () => limiter.schedule(noop));
				return ratio(await alternate([ours, other], withServer(effort)));
			} finally {
				await limiter.disconnect(false);
			}
		}),
};
