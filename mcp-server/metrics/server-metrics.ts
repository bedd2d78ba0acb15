import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

import type { AuditOutcome } from '../../core/audit';

/** From answers out of memory to plans that wait for an execution to end, in seconds. */
const BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300];

/** Of this server: how long calls of tools took and how they ended, and how its process fares. */
export class ServerMetrics {
	private readonly registry = new Registry();
	private readonly calls = new Histogram({
		name: 'bulwark_tool_duration_seconds',
		help: 'How long calls of tools took, by outcome.',
		labelNames: ['tool', 'outcome'],
		buckets: BUCKETS,
		registers: [this.registry],
	});

	constructor() {
		collectDefaultMetrics({ register: this.registry, prefix: 'bulwark_mcp_' });
	}

	note(tool: string, outcome: AuditOutcome, durationMs = 0): void {
		if (outcome !== 'started') this.calls.observe({ tool, outcome }, durationMs / 1_000);
	}

	async exposition(): Promise<string> {
		return await this.registry.metrics();
	}
}
