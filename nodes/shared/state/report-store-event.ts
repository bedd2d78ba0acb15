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

/** A Redis at its limits may be slow many times a minute, which the log says once, in ms. */
const SLOW_SAID_EVERY_MS = 60_000;
let slowSaidAt = -Infinity;

function warnOfSlowness(at: number, afterMs: number): void {
	if (at - slowSaidAt < SLOW_SAID_EVERY_MS) return;
	slowSaidAt = at;
	LoggerProxy.warn(
		`Bulwark's Redis did not answer within ${afterMs} ms. Check that it runs and can be reached, and how busy it and this process are`,
	);
}

/** Operators see an outage once in the log and its calls in the metrics. */
export function reportStoreEvent(event: StoreEvent): void {
	switch (event.type) {
		case 'store-slow':
			metrics.count('bulwark_store_slow_total');
			return warnOfSlowness(event.at, event.afterMs);
		case 'store-lost':
			metrics.count('bulwark_store_outages_total');
			return LoggerProxy.warn(
				[`Bulwark cannot reach its Redis: ${event.reason}`, event.remedy]
					.filter(Boolean)
					.join('. '),
			);
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
			if (event.from === 'slow') return;
			return LoggerProxy.info(`Bulwark reaches its Redis again, after ${event.downMs} ms`);
	}
}
