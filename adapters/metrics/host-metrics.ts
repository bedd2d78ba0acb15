import { createRequire } from 'node:module';

/** The part of prom-client that counts. */
interface PromClient {
	readonly register: { getSingleMetric(name: string): unknown };
	readonly Counter: new (settings: {
		name: string;
		help: string;
		labelNames: readonly string[];
	}) => Counter;
}

interface Counter {
	inc(labels: Readonly<Record<string, string>>, amount: number): void;
}

/** What is counted, by its name as Prometheus shows it. */
const HELP = {
	bulwark_store_outages_total: 'How often the shared state became unreachable.',
	bulwark_store_slow_total: 'How often the shared state did not answer in time.',
	bulwark_invalid_states_total:
		'Requests that failed on what the shared store holds of one policy.',
	bulwark_overdue_leases_total: 'Leases that a process did not renew for longer than they last.',
	bulwark_degraded_calls_total: 'Calls decided without the shared state, by what was done.',
} as const;

export type CounterName = keyof typeof HELP;

/**
 * Counts beside n8n's own metrics, at `/metrics` of every process whose n8n serves them (`N8N_METRICS`): n8n's own
 * prom-client is used, because only that one's registry is served. Counts nothing where n8n has none.
 */
export class HostMetrics {
	private readonly client = findPromClient();

	count(name: CounterName, labels: Readonly<Record<string, string>> = {}, amount = 1): void {
		if (!this.client) return;
		// n8n empties the registry when it starts, so the counter is looked up each time.
		const known = this.client.register.getSingleMetric(name) as Counter | undefined;
		const labelNames = Object.keys(labels);
		(known ?? new this.client.Counter({ name, help: HELP[name], labelNames })).inc(labels, amount);
	}
}

/** The copy that the running program has loaded. */
function findPromClient(): PromClient | undefined {
	try {
		return createRequire(require.main!.filename)('prom-client') as PromClient;
	} catch {
		return undefined;
	}
}
