import { lintRule } from '../lint-rule';
import { switchedOff } from '../switched-off';

/** A dead connection should be noticed within this time. */
const LONGEST_UNNOTICED_MS = 60_000;
/** How often the system asks before it gives a connection up, on Linux. */
const KEEP_ALIVE_PROBES = 9;
/** A failover by Sentinel or a restart of Redis takes less. */
const LONGEST_FAILOVER_MS = 60_000;

/** How n8n's processes hold on to Redis. */
export const redisConnectionRules = [
	lintRule({
		id: 'redis-keep-alive',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			if (settings.value('QUEUE_BULL_REDIS_KEEP_ALIVE')) return undefined;
			return {
				severity: 'critical',
				setting: 'QUEUE_BULL_REDIS_KEEP_ALIVE',
				value: settings.shown('QUEUE_BULL_REDIS_KEEP_ALIVE'),
				loses:
					'A worker whose connection a firewall, balancer or lost host drops silently looks healthy and takes no job any more: it is noticed after two hours at best.',
				remedy:
					'QUEUE_BULL_REDIS_KEEP_ALIVE=true, QUEUE_BULL_REDIS_KEEP_ALIVE_DELAY=5000 and QUEUE_BULL_REDIS_KEEP_ALIVE_INTERVAL=5000, on main and on all workers',
			};
		},
	}),
	lintRule({
		id: 'redis-keep-alive-slow',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			if (!settings.value('QUEUE_BULL_REDIS_KEEP_ALIVE')) return undefined;
			const delayMs = settings.value('QUEUE_BULL_REDIS_KEEP_ALIVE_DELAY');
			const intervalMs = settings.value('QUEUE_BULL_REDIS_KEEP_ALIVE_INTERVAL');
			const noticedAfterMs = delayMs + KEEP_ALIVE_PROBES * intervalMs;
			if (noticedAfterMs <= LONGEST_UNNOTICED_MS) return undefined;
			return {
				severity: 'warning',
				setting: 'QUEUE_BULL_REDIS_KEEP_ALIVE_DELAY, QUEUE_BULL_REDIS_KEEP_ALIVE_INTERVAL',
				value: `${delayMs}, ${intervalMs}`,
				loses: `A dead connection is noticed after ${seconds(noticedAfterMs)} only, by when the jobs of its worker count as stalled and have failed.`,
				remedy:
					'QUEUE_BULL_REDIS_KEEP_ALIVE_DELAY=5000 and QUEUE_BULL_REDIS_KEEP_ALIVE_INTERVAL=5000',
			};
		},
	}),
	lintRule({
		id: 'redis-timeout-threshold',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'QUEUE_BULL_REDIS_TIMEOUT_THRESHOLD';
			const thresholdMs = settings.value(name);
			if (thresholdMs >= LONGEST_FAILOVER_MS) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: settings.shown(name),
				loses: `Once Redis has been away for ${seconds(thresholdMs)} in all, n8n exits at once, and with it go all executions that it runs: a failover takes longer.`,
				remedy: `${name}=300000, on main and on all workers`,
			};
		},
	}),
	switchedOff({
		id: 'redis-reconnect-on-failover',
		mode: 'queue',
		setting: 'QUEUE_BULL_REDIS_RECONNECT_ON_FAILOVER',
		severity: 'warning',
		loses:
			'After a failover n8n stays connected to the old master, which is read-only now: it can neither add nor take jobs.',
		remedy: 'QUEUE_BULL_REDIS_RECONNECT_ON_FAILOVER=true, on main and on all workers',
	}),
];

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
