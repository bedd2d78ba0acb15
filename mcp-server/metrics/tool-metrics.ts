import type { AuditOutcome } from '../../core/audit';
import type { MetricFamily } from './exposition';

/** Counts calls of tools, by how they ended. */
export class ToolMetrics {
	private readonly calls = new Map<string, { tool: string; outcome: string; count: number }>();
	private readonly seconds = new Map<string, number>();

	note(tool: string, outcome: AuditOutcome, durationMs = 0): void {
		if (outcome === 'started') return;
		const place = `${tool} ${outcome}`;
		const before = this.calls.get(place)?.count ?? 0;
		this.calls.set(place, { tool, outcome, count: before + 1 });
		this.seconds.set(tool, (this.seconds.get(tool) ?? 0) + durationMs / 1_000);
	}

	families(): readonly MetricFamily[] {
		return [
			{
				name: 'bulwark_tool_calls_total',
				help: 'Calls of tools, by outcome.',
				type: 'counter',
				samples: [...this.calls.values()].map(({ tool, outcome, count }) => ({
					labels: { tool, outcome },
					value: count,
				})),
			},
			{
				name: 'bulwark_tool_seconds_total',
				help: 'Time that calls of tools took in all.',
				type: 'counter',
				samples: [...this.seconds].map(([tool, value]) => ({ labels: { tool }, value })),
			},
		];
	}
}
