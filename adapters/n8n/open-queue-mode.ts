import type { Clock } from '../../core/ports';
import type { StackSources } from '../../core/stack';
import type { RedisSettings } from '../redis';
import { newUuid } from '../system';
import { BullKeys, bullPrefix } from './bull-keys';
import { KnownClientOwners, LocalWorkers } from './owners';
import { BullQueue, KnownPools, poolsInRedis } from './queue';
import { RedisServers } from './redis-server';
import { RedisSession } from './redis-session';
import { RedisInstanceRegistry } from './registry';
import type { QueueSettings } from './stack-settings';
import { PubSubWorkerCommands } from './workers';

/** All that goes by the Redis of n8n's queue, over one connection for commands and one that listens. */
export function openQueueMode(
	redis: RedisSettings,
	queue: QueueSettings,
	clock: Clock,
): { readonly sources: NonNullable<StackSources['queueMode']>; close(): void } {
	const session = new RedisSession(redis, queue);
	const isCluster = redis.topology.type === 'cluster';
	const keys = new BullKeys(queue.prefix, isCluster);
	const place = { prefix: bullPrefix(queue.prefix, isCluster), database: redis.database ?? 0 };
	const { registryPrefix } = queue;
	const localWorkers = new LocalWorkers();
	const registry = new RedisInstanceRegistry(session, registryPrefix, clock);
	const inRedis = async () => await poolsInRedis(session, keys);
	const pools = new KnownPools(queue.pools, registry, inRedis, clock);
	return {
		sources: {
			queue: new BullQueue({ session, keys, settings: queue, pools, clock, newId: newUuid }),
			redis: new RedisServers(session, place, clock),
			registry,
			workers: new PubSubWorkerCommands(session, registryPrefix, localWorkers, clock, newUuid),
			owners: new KnownClientOwners(localWorkers),
		},
		close: () => session.close(),
	};
}
