import { LoggerProxy } from 'n8n-workflow';

import { HostMetrics } from '../../../adapters/metrics';
import type { StoreEvent } from '../../../core/store-outage';

const metrics = new HostMetrics();

/** What was said of states that cannot be read; they are few, because no names are in it. */
const said = new Set<string>();

function warnOnce(text: string): void {
	if (said.has(text)) return;
	said.add(text);
	LoggerProxy.warn(text);
}

/** Operators see an outage once in the log and its calls in the metrics. */
export function reportStoreEvent(event: StoreEvent): void {
	switch (event.type) {
		case 'store-lost':
			metrics.count('bulwark_store_outages_total');
			return LoggerProxy.warn(`Bulwark cannot reach its Redis: ${event.reason}`);
		case 'state-invalid':
			metrics.count('bulwark_invalid_states_total');
			return warnOnce(`Bulwark cannot use a state in Redis: ${event.reason}`);
		case 'call-degraded':
			return metrics.count('bulwark_degraded_calls_total', { mode: event.mode });
		case 'leases-overdue':
			metrics.count('bulwark_overdue_leases_total', {}, event.leases);
			return LoggerProxy.warn(
				`Bulwark could not renew what ${event.leases} calls hold in Redis for longer than it is held without: others may have been let in`,
			);
		case 'store-back':
			return LoggerProxy.info(`Bulwark reaches its Redis again, after ${event.downMs} ms`);
	}
}
