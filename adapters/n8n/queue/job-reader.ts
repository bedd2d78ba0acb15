import type { RedisClient } from '../../redis';
import type { BullKeys } from '../bull-keys';
import { isSameJob, jobFactsOf, type JobFacts } from './job-facts';
import { JobMemory } from './job-memory';
import source from './lua/read_jobs.lua';
import { QueueScript } from './queue-script';

/** A job by where it is kept. */
export interface JobPlace {
	readonly id: string;
	readonly pool: string;
}

const script = new QueueScript(source);

/** Name of a pool's key that changes when a job is given the id of one that was taken away. */
export const GIVEN_AGAIN = 'bulwark:given-again';

/** What the script answers of each job. */
const FIELDS = 3;

/** Jobs of a pool: twice the longest queue that is looked at, so that a look at those that run costs it none. */
const MOST_REMEMBERED = 200_000;

/** Redis does nothing else for about a millisecond meanwhile. */
const PER_CALL = 1_000;

/** So many jobs that have just ended may be met by one look. */
const MOST_ENDED = 3;

/** Reads what jobs are about, each of them once. */
export class JobReader {
	private readonly memories = new Map<string, JobMemory>();
	/** What the keys held that change when ids are given again. */
	private readonly givenAgain = new Map<string, string | null>();

	constructor(private readonly keys: BullKeys) {}

	/** @returns what each is about, in the same order; undefined for those that are gone. */
	async read(
		client: RedisClient,
		jobs: readonly JobPlace[],
	): Promise<ReadonlyArray<JobFacts | undefined>> {
		const pools = [...new Set(jobs.map(({ pool }) => pool))];
		await this.forgetGivenAgain(client, pools);
		const facts = await this.recall(client, jobs);
		// Who forgets all of them meanwhile is not given what was read before.
		const memories = new Map(pools.map((pool) => [pool, this.memoryOf(pool)]));
		const unknown = [...facts.keys()].filter((index) => !facts[index]);
		for (let first = 0; first < unknown.length; first += PER_CALL) {
			const part = unknown.slice(first, first + PER_CALL);
			const places = part.map((index) => jobs[index]!);
			const read = await this.fetch(client, places);
			for (const [place, index] of part.entries()) {
				const found = (facts[index] = read[place]);
				if (found) memories.get(jobs[index]!.pool)!.set(jobs[index]!.id, found);
			}
		}
		return facts;
	}

	/** Whoever brings an execution back gives its job the id of the dead one, and says so. */
	private async forgetGivenAgain(client: RedisClient, pools: readonly string[]): Promise<void> {
		if (pools.length === 0) return;
		const now = await client.mget(pools.map((pool) => this.keys.of(pool, GIVEN_AGAIN)));
		for (const [index, pool] of pools.entries()) {
			const said = now[index] ?? null;
			if (said !== (this.givenAgain.get(pool) ?? null)) this.memories.delete(pool);
			this.givenAgain.set(pool, said);
		}
	}

	/**
	 * What is remembered of jobs. Where Redis has lost the end of its data, or all of it, Bull gives the ids of lost jobs
	 * to others, in the same order. So if any job that is remembered is another by now, then the one with the highest id
	 * is.
	 */
	private async recall(
		client: RedisClient,
		jobs: readonly JobPlace[],
	): Promise<Array<JobFacts | undefined>> {
		for (let ended = 0; ended <= MOST_ENDED; ended++) {
			const facts = jobs.map(({ pool, id }) => this.memoryOf(pool).get(id));
			const checked = highestOfEachPool(jobs.filter((_, index) => facts[index]));
			const read = await this.fetch(client, checked);
			const changed = checked.filter(({ pool, id }, index) => {
				const now = read[index];
				return !now || !isSameJob(now, this.memoryOf(pool).get(id)!);
			});
			if (changed.length === 0) return facts;
			for (const job of changed) {
				// One that has ended says nothing of the others.
				if (read[checked.indexOf(job)]) this.memories.delete(job.pool);
				else this.memoryOf(job.pool).delete(job.id);
			}
		}
		this.memories.clear();
		return jobs.map(() => undefined);
	}

	private async fetch(
		client: RedisClient,
		jobs: readonly JobPlace[],
	): Promise<Array<JobFacts | undefined>> {
		if (jobs.length === 0) return [];
		const keys = jobs.map(({ pool, id }) => this.keys.of(pool, id));
		const fields = (await script.run(client, keys, [])) as Array<string | null>;
		return jobs.map((_, index) => jobFactsOf(fields.slice(FIELDS * index, FIELDS * (index + 1))));
	}

	private memoryOf(pool: string): JobMemory {
		let memory = this.memories.get(pool);
		if (!memory) this.memories.set(pool, (memory = new JobMemory(MOST_REMEMBERED)));
		return memory;
	}
}

/** Among those that Bull has counted: ids of ours name the execution. */
function highestOfEachPool(jobs: readonly JobPlace[]): JobPlace[] {
	const highest = new Map<string, JobPlace>();
	for (const job of jobs) {
		const other = highest.get(job.pool);
		if (other && Number(other.id) >= Number(job.id)) continue;
		if (/^\d+$/.test(job.id)) highest.set(job.pool, job);
	}
	return [...highest.values()];
}
