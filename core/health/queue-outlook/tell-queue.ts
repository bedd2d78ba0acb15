import type { QueueOutlook } from './queue-outlook';

/** The queue of a worker pool as whoever asks is told of it. */
export const tellQueue = (queue: QueueOutlook) => ({
	pool: queue.pool,
	waiting: queue.waiting,
	active: queue.active,
	delayed: queue.delayed,
	failed: queue.failed,
	isPaused: queue.isPaused,
	forecast: queue.forecast.kind,
	oldestWaitingMs: queue.oldestWaitingMs,
	arrivalsPerSecond: queue.arrivals,
	drainPerSecond: queue.drain,
	measuredOverMs: queue.measured?.overMs,
	measuredBy: queue.measured?.by,
	...(queue.forecast.kind === 'empties' && { emptyInMs: queue.forecast.inMs }),
	...(queue.forecast.kind === 'grows' && { growsPerSecond: queue.forecast.bySecond }),
});
