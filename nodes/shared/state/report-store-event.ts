import { LoggerProxy } from 'n8n-workflow';

import { HostMetrics } from '../../../adapters/metrics';
import type { StoreEvent } from '../../../core/store-outage';

const metrics = new HostMetrics();

/** Operators see an outage once in the log and its calls in the metrics. */
export function reportStoreEvent(event: StoreEvent): void {
	switch (event.type) {
		case 'store-lost':
			metrics.count('bulwark_store_outages_total');
			return LoggerProxy.warn(`Bulwark cannot reach its Redis: ${event.reason}`);
		case 'call-degraded':
			return metrics.count('bulwark_degraded_calls_total', { mode: event.mode });
		case 'store-back':
			return LoggerProxy.info(`Bulwark reaches its Redis again, after ${event.downMs} ms`);
	}
}
