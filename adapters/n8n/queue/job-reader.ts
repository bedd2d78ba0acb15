import { repliesOf } from '../redis-session';
import type { RedisClient } from '../../redis';
import type { BullKeys } from './bull-keys';
import { JOB_FIELDS, jobFactsOf, type JobFacts } from './job-facts';
import { JobMemory } from './job-memory';

/** A job by where it is kept. */
export interface JobPlace {
	readonly id: string;
	readonly pool: string;
}

/** Twice the longest queue that is looked at, so that a look at one pool leaves room for that of another. */
const MOST_REMEMBERED = 200_000;

/** Jobs that are read with one write to the socket. */
const PER_PIPELINE = 1_000;

/** Reads what jobs are about, each of them once. */
export class JobReader {
	private readonly memory = new JobMemory(MOST_REMEMBERED);

	constructor(private readonly keys: BullKeys) {}

	/** @returns what each is about, in the same order; undefined for those that are gone. */
	async read(
		client: RedisClient,
		jobs: readonly JobPlace[],
	): Promise<ReadonlyArray<JobFacts | undefined>> {
		const keys = jobs.map(({ pool, id }) => this.keys.of(pool, id));
		const facts = keys.map((key) => this.memory.get(key));
		const unknown = keys.flatMap((key, index) => (facts[index] ? [] : [{ key, index }]));
		for (let first = 0; first < unknown.length; first += PER_PIPELINE) {
			const part = unknown.slice(first, first + PER_PIPELINE);
			const pipeline = client.pipeline();
			for (const { key } of part) pipeline.hmget(key, ...JOB_FIELDS);
			const replies = await repliesOf(pipeline);
			for (const [place, { key, index }] of part.entries()) {
				const found = jobFactsOf(replies[place] as Array<string | null>);
				facts[index] = found;
				if (found) this.memory.set(key, found);
			}
		}
		return facts;
	}
}
