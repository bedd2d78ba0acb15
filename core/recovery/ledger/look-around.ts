import type { N8nClocks } from '../../clocks';
import type { Clock } from '../../ports';
import type { ExecutionRow, InstanceEntry } from '../../ports/stack';
import { readFrom, valueOf, type StackSources } from '../../stack';
import { gapOf, type Gap } from './gap';
import type { Around, Look } from './look';
import { lookInRegularMode } from './look-in-regular-mode';
import { clockGaps, n8nTime } from './n8n-time';
import type { RecoverySettings } from '../recovery-settings';
import { connectedWorkers, unseenWorkers } from './unseen-workers';
import type { WorkerCensus } from '../../health';

/** Reads all that executions are judged by, after their rows: so that what has moved on meanwhile is seen to. */
export async function lookAround(
	rows: readonly ExecutionRow[],
	sources: StackSources,
	settings: RecoverySettings,
	clock: Clock,
	census: WorkerCensus,
	signal: AbortSignal | undefined,
): Promise<Around> {
	const { queueMode, processes } = sources;
	const asked = readFrom('n8n metrics', processes, (view) => view.processes());
	if (!queueMode) return await lookInRegularMode(rows, sources, settings, clock, asked);
	const ids = rows.map(({ id }) => id);
	const { queue, redis, registry, workers } = queueMode;
	const beganAt = clock.now();
	const [instances, clients] = await Promise.all([
		readFrom('instance registry', registry, (view) => view.instances()),
		readFrom('redis', redis, (view) => view.clients()),
	]);
	const known = (valueOf(instances) ?? []).filter(({ type }) => type === 'worker');
	const hostIds = instances.isKnown ? known.map(({ hostId }) => hostId) : undefined;
	// Who has died is not waited for: its connection is gone at once, its entry within a minute.
	const connected = clients.isKnown ? connectedWorkers(clients.value, known) : 0;
	const most = connected > 0 ? connected : undefined;
	const [jobs, answers] = await Promise.all([
		readFrom('queue', queue, async (view) => await view.jobsFor(ids)),
		readFrom('workers', workers, (all) =>
			all.askStatus(settings.answerWaitMs, signal, hostIds, most),
		),
	]);
	const metrics = await asked;
	const gaps: Gap[] = [];
	if (!jobs.isKnown) {
		gaps.push(gapOf(jobs, 'which executions have a job, and so whether any is lost'));
		return { jobs: new Map(), gaps };
	}
	for (const reading of [clients, instances, answers])
		if (!reading.isKnown)
			gaps.push(gapOf(reading, 'whether a worker that does not answer is dead or only cut off'));
	if (!jobs.value.isWhole)
		gaps.push({
			source: 'queue',
			why: 'it is longer than is looked at, or not yet searched for all worker pools',
			cannotKnow: 'whether executions that have no job among those have one all the same',
		});
	const answered = valueOf(answers);
	const registered = instances.isKnown ? census.clocks.steady(instances.value) : undefined;
	census.note({
		...{ at: beganAt, instances: registered, answers: answered, clients: valueOf(clients) },
		processes: valueOf(metrics),
	});
	const reported = answered?.flatMap(({ hostId, running }) =>
		running.map(({ executionId }) => [executionId, hostId] as const),
	);
	const clocks = await n8nTime({ instances: registered, processes: valueOf(metrics) }, sources);
	gaps.push(...clockGaps(clocks));
	const look: Look = {
		mode: 'queue',
		at: clock.now(),
		clocks,
		isQueueWhole: jobs.value.isWhole,
		lockDurationMs: queue.lockDurationMs,
		lockRenewTimeMs: queue.lockRenewTimeMs,
		reportedBy: new Map(reported),
		unseen: unseenWorkers({
			answered,
			registered,
			mayLive: census.mayLive,
			clients: valueOf(clients),
			processes: valueOf(metrics),
		}),
		oldestProcessStartedAt: registered && oldestOf(registered, clocks),
	};
	return { look, jobs: jobs.value.jobs, gaps };
}

/** As early as the clocks let it be. */
function oldestOf(entries: readonly InstanceEntry[], { any }: N8nClocks): number | undefined {
	const began = entries.map(
		({ registeredAt, clock }) => registeredAt - (clock ? clock.aheadMs + clock.withinMs : any.most),
	);
	return began.length === 0 ? undefined : Math.min(...began);
}
