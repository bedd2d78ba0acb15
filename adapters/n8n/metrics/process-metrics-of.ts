import type { ProcessMetrics } from '../../../core/ports/stack';
import { timeOf } from '../time-of';
import { histogramQuantile } from './histogram-quantile';
import { samplesOf, type Sample } from './prometheus-text';

type Measured = Omit<
	ProcessMetrics,
	'url' | 'type' | 'isReady' | 'notReadyBecause' | 'hasMetrics' | 'clock'
>;

/** What n8n's metrics say of its process, whatever their prefix is (N8N_METRICS_PREFIX). */
export function processMetricsOf(text: string): Measured {
	const samples = [...samplesOf(text)];
	const named = (name: string): Sample[] =>
		samples.filter((sample) => sample.name === name || sample.name.endsWith(`_${name}`));
	const value = (name: string): number | undefined => known(named(name)[0]?.value);
	const lagSeconds = value('nodejs_eventloop_lag_p99_seconds');
	const startedAt = value('process_start_time_seconds');
	const leader = value('instance_role_leader');
	return {
		cpuSeconds: value('process_cpu_seconds_total'),
		residentBytes: value('process_resident_memory_bytes'),
		heapUsedBytes: value('nodejs_heap_size_used_bytes'),
		eventLoopLagP99Ms: lagSeconds === undefined ? undefined : lagSeconds * 1_000,
		startedAt: startedAt === undefined ? undefined : timeOf(startedAt * 1_000),
		isLeader: leader === undefined ? undefined : leader === 1,
		version: named('version_info')[0]?.labels.get('version')?.replace(/^v/, ''),
		webhookRequests: webhookRequestsOf(named),
	};
}

function webhookRequestsOf(
	named: (name: string) => readonly Sample[],
): ProcessMetrics['webhookRequests'] {
	const counts = named('webhook_request_duration_seconds_count');
	if (counts.length === 0) return undefined;
	const buckets = new Map<number, number>();
	for (const { labels, value } of named('webhook_request_duration_seconds_bucket')) {
		const bound = Number(labels.get('le')?.replace('+Inf', 'Infinity'));
		buckets.set(bound, (buckets.get(bound) ?? 0) + value);
	}
	const p95Seconds = histogramQuantile(0.95, buckets);
	const isFailed = ({ labels }: Sample) => labels.get('status_code')?.startsWith('5');
	return {
		total: sum(counts),
		failed: sum(counts.filter(isFailed)),
		p95Ms: p95Seconds === undefined ? undefined : p95Seconds * 1_000,
	};
}

const sum = (samples: readonly Sample[]): number =>
	samples.reduce((total, { value }) => total + value, 0);

const known = (value: number | undefined): number | undefined =>
	Number.isFinite(value) ? value : undefined;
