import { openStackSources, type QueueSettings } from '../../adapters/n8n';
import type { RedisSettings } from '../../adapters/redis';
import { systemClock } from '../../adapters/system';
import type { StackSources } from '../../core/stack';

/** As n8n has it without settings of one's own. */
export const usualQueue: QueueSettings = {
	prefix: 'bull',
	pools: [],
	registryPrefix: 'n8n',
	lockDurationMs: 60_000,
	lockRenewTimeMs: 10_000,
	keepLastCompleted: 0,
	keepLastFailed: 0,
};

/** All that goes by the Redis of a queue, and how to end it. */
export type OpenQueueMode = NonNullable<StackSources['queueMode']> & { close(): Promise<void> };

/** Does not connect before something is asked. */
export function openQueueMode(
	redis: RedisSettings,
	queue: Partial<QueueSettings> = {},
): OpenQueueMode {
	const open = openStackSources(
		{
			redis,
			queue: { ...usualQueue, ...queue },
			n8n: { url: 'http://127.0.0.1:5678' },
			workerHealthUrls: [],
		},
		systemClock,
	);
	return { ...open.sources.queueMode!, close: () => open.close() };
}
