import type { ClockReading } from '../../core/clocks';
import { HEALTH_STATUSES, WORKER_STATES, type Checkup, type QueueOutlook } from '../../core/health';
import { LOSSES } from '../../core/recovery';
import { valueOf } from '../../core/stack';
import type { GaugeFamily } from './exposition';

/** Of a stack, by what was last seen. Labels are of few values: neither ids of executions nor of workers. */
export function stackMetrics({ health, observation, lost }: Checkup): readonly GaugeFamily[] {
	const { look, workers, queues } = observation;
	const gauge = (name: string, help: string, samples: GaugeFamily['samples']): GaugeFamily => ({
		name: `bulwark_${name}`,
		help,
		samples,
	});
	const ofQueues = (figure: (queue: QueueOutlook) => number | undefined) =>
		queues.flatMap((queue) => {
			const value = figure(queue);
			return value === undefined ? [] : [{ labels: { pool: queue.pool }, value }];
		});
	const one = (value: number | undefined) => (value === undefined ? [] : [{ value }]);
	const database = valueOf(look.database);
	const rates = valueOf(look.rates);
	return [
		gauge(
			'health_status',
			'1 for the status that a component has.',
			health.components.flatMap(({ component, status }) =>
				HEALTH_STATUSES.map((is) => ({
					labels: { component, status: is },
					value: is === status ? 1 : 0,
				})),
			),
		),
		gauge(
			'findings',
			'Findings by kind.',
			[...Map.groupBy(health.findings, ({ id }) => id)].map(([id, found]) => ({
				labels: { id, severity: found[0]!.severity, component: found[0]!.component },
				value: found.length,
			})),
		),
		gauge(
			'source_missing',
			'1 for each source that says nothing, or not yet of all.',
			health.unknowns.map(({ source }) => ({ labels: { source }, value: 1 })),
		),
		gauge(
			'workers',
			'Workers by their state.',
			WORKER_STATES.map((state) => ({
				labels: { state },
				value: workers.filter((worker) => worker.state === state).length,
			})),
		),
		gauge(
			'queue_jobs_waiting',
			'Jobs that wait.',
			ofQueues(({ waiting }) => waiting),
		),
		gauge(
			'queue_jobs_active',
			'Jobs that workers have taken.',
			ofQueues(({ active }) => active),
		),
		gauge(
			'queue_oldest_waiting_seconds',
			'How long the job has waited that waits longest.',
			ofQueues(({ waiting, oldestWaitingMs }) =>
				waiting === 0 ? 0 : oldestWaitingMs === undefined ? undefined : oldestWaitingMs / 1_000,
			),
		),
		gauge(
			'queue_arrivals_per_second',
			'Jobs that are added, over the last minute.',
			ofQueues(({ arrivals }) => arrivals),
		),
		gauge(
			'queue_drain_per_second',
			'Jobs that workers take, over the last minute.',
			ofQueues(({ drain }) => drain),
		),
		gauge(
			'executions_unfinished',
			"Unfinished executions in n8n's database, by status.",
			look.unfinished.isKnown
				? Object.entries(look.unfinished.value).map(([status, value]) => ({
						labels: { status },
						value,
					}))
				: [],
		),
		gauge(
			'executions_lost',
			'Executions that n8n has lost, by what has become of them.',
			lost
				? LOSSES.map((loss) => ({
						labels: { loss },
						value: lost.lost.filter((one) => one.loss === loss).length,
					}))
				: [],
		),
		gauge(
			'executions_error_ratio',
			'Share of executions that failed, of those that ended lately.',
			rates && rates.finished > 0 ? one(rates.failed / rates.finished) : [],
		),
		gauge(
			'executions_duration_p95_seconds',
			'95th percentile of how long executions took that ended lately.',
			one(rates?.p95DurationMs === undefined ? undefined : rates.p95DurationMs / 1_000),
		),
		gauge(
			'process_cpu_ratio',
			"Share of one processor that n8n's processes use.",
			observation.loads.map(({ url, type, cpu }) => ({ labels: { url, type }, value: cpu })),
		),
		gauge(
			'redis_memory_used_bytes',
			"Memory of the queue's Redis.",
			(valueOf(look.redis) ?? []).map(({ server, usedMemoryBytes }) => ({
				labels: { server },
				value: usedMemoryBytes,
			})),
		),
		gauge('database_size_bytes', "Size of n8n's database.", one(database?.sizeBytes)),
		gauge(
			'database_connections_ratio',
			'Share of the connections that Postgres allows.',
			one(database?.connections && database.connections.used / database.connections.most),
		),
		gauge(
			'database_cache_hit_ratio',
			'Share of what the database finds in memory.',
			one(database?.cacheHitRatio),
		),
		gauge(
			'clock_offset_seconds',
			"By how much a clock is ahead of this server's; of several the one that is farthest off.",
			farthest(observation.clocks.readings).map(({ of, aheadMs }) => ({
				labels: { source: of },
				value: aheadMs / 1_000,
			})),
		),
		gauge('look_timestamp_seconds', 'When the stack was looked at.', one(health.at / 1_000)),
	];
}

const farthest = (readings: readonly ClockReading[]): readonly ClockReading[] =>
	[...Map.groupBy(readings, ({ of }) => of).values()].map((some) =>
		some.reduce((one, other) => (Math.abs(other.aheadMs) > Math.abs(one.aheadMs) ? other : one)),
	);
