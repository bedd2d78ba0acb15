import type { Clock } from '../../../core/ports';
import type {
	JobsByExecution,
	JobsPage,
	JobState,
	PoolCounts,
	QueueControl,
	QueuedJob,
	QueueView,
} from '../../../core/ports/stack';
import type { RedisClient } from '../../redis';
import type { RedisSession } from '../redis-session';
import type { QueueSettings } from '../stack-settings';
import type { BullKeys } from '../bull-keys';
import { enqueueJob, wasEnqueued } from './enqueue-job';
import { readHoldings } from './held-jobs';
import type { JobFacts } from './job-facts';
import type { KnownPools } from './known-pools';
import { listJobs, type ListedJob } from './job-lists';
import { JobReader } from './job-reader';
import { countJobs } from './pool-counts';
import { removeUnheldJob } from './remove-unheld-job';

const MOST_LISTED = 100_000;

/** From the one that comes furthest. */
const STATES: readonly JobState[] = ['active', 'waiting', 'delayed'];

/** What a queue goes by. */
export interface BullQueueEnvironment {
	readonly session: RedisSession;
	readonly keys: BullKeys;
	readonly settings: QueueSettings;
	readonly pools: KnownPools;
	readonly clock: Clock;
	/** Makes ids that are unique for ever. */
	readonly newId: () => string;
}

/** n8n's queue, as Bull keeps it. */
export class BullQueue implements QueueView, QueueControl {
	readonly lockDurationMs: number;
	readonly lockRenewTimeMs: number;
	private readonly session: RedisSession;
	private readonly keys: BullKeys;
	private readonly pools: KnownPools;
	private readonly reader: JobReader;

	constructor(private readonly environment: BullQueueEnvironment) {
		const { session, keys, settings, pools } = environment;
		this.lockDurationMs = settings.lockDurationMs;
		this.lockRenewTimeMs = settings.lockRenewTimeMs;
		this.session = session;
		this.keys = keys;
		this.pools = pools;
		this.reader = new JobReader(keys);
	}

	async counts(): Promise<readonly PoolCounts[]> {
		const pools = await this.pools.names();
		return await this.session.ask('queue', (client) =>
			countJobs(client, this.keys, this.reader, pools),
		);
	}

	async jobs(states: readonly JobState[], limit: number): Promise<JobsPage> {
		const pools = await this.pools.names();
		return await this.session.ask('queue', async (client) => {
			const listed = await listJobs(client, this.keys, pools, states, limit);
			const facts = await this.reader.read(client, listed.jobs);
			const jobs = await this.described(client, known(listed.jobs, facts));
			return { jobs: jobs.sort((a, b) => a.addedAt - b.addedAt), isWhole: listed.isWhole };
		});
	}

	async jobsFor(executionIds: readonly string[]): Promise<JobsByExecution> {
		const pools = await this.pools.names();
		const found = await this.jobsIn(pools, executionIds);
		if (executionIds.every((id) => found.jobs.has(id))) return found;
		// They may wait in a pool without a worker, of which nothing was heard yet.
		const areAllKnown = await this.pools.search();
		const now = await this.pools.names();
		const { jobs, isWhole } =
			now.length > pools.length ? await this.jobsIn(now, executionIds) : found;
		return { jobs, isWhole: isWhole && areAllKnown };
	}

	private async jobsIn(
		pools: readonly string[],
		executionIds: readonly string[],
	): Promise<JobsByExecution> {
		return await this.session.ask('queue', async (client) => {
			const listed = await listJobs(client, this.keys, pools, STATES, MOST_LISTED);
			const facts = await this.reader.read(client, listed.jobs);
			const wanted = new Set(executionIds);
			const found = known(listed.jobs, facts).filter(([, { executionId }]) =>
				wanted.has(executionId),
			);
			const jobs = new Map<string, QueuedJob>();
			for (const job of await this.described(client, found)) {
				const other = jobs.get(job.executionId);
				if (!other || STATES.indexOf(job.state) < STATES.indexOf(other.state))
					jobs.set(job.executionId, job);
			}
			return { jobs, isWhole: listed.isWhole };
		});
	}

	enqueue(request: Parameters<QueueControl['enqueue']>[0]): ReturnType<QueueControl['enqueue']> {
		const { clock, newId, settings } = this.environment;
		const job = { ...request, requestId: newId(), addedAt: clock.now() };
		return this.session.ask('queue', (client) => enqueueJob(client, this.keys, job, settings));
	}

	wasEnqueued(
		request: Parameters<QueueControl['wasEnqueued']>[0],
	): ReturnType<QueueControl['wasEnqueued']> {
		return this.session.ask('queue', (client) => wasEnqueued(client, this.keys, request));
	}

	removeUnheld(
		job: Parameters<QueueControl['removeUnheld']>[0],
	): ReturnType<QueueControl['removeUnheld']> {
		return this.session.ask('queue', (client) => removeUnheldJob(client, this.keys, job));
	}

	private async described(
		client: RedisClient,
		jobs: ReadonlyArray<readonly [ListedJob, JobFacts]>,
	): Promise<QueuedJob[]> {
		const active = jobs.filter(([{ state }]) => state === 'active').map(([job]) => job);
		const holdings = await readHoldings(client, this.keys, active);
		const holdingOf = new Map(active.map((job, index) => [job, holdings[index]]));
		return jobs.flatMap(([job, facts]): QueuedJob[] => {
			const { id, pool, state } = job;
			if (state !== 'active') return [{ id, pool, state, ...facts }];
			const holding = holdingOf.get(job);
			return holding ? [{ id, pool, state, ...facts, ...holding }] : [];
		});
	}
}

/** Without those that ended before they could be read. */
const known = (
	jobs: readonly ListedJob[],
	facts: ReadonlyArray<JobFacts | undefined>,
): Array<readonly [ListedJob, JobFacts]> =>
	jobs.flatMap((job, index) => (facts[index] ? [[job, facts[index]] as const] : []));
