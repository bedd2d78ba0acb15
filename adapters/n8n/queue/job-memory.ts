import type { JobFacts } from './job-facts';

/** What was read of jobs, by key; forgets those first that were not needed for longest. */
export class JobMemory {
	private readonly jobs = new Map<string, JobFacts>();

	constructor(private readonly most: number) {}

	get(key: string): JobFacts | undefined {
		const facts = this.jobs.get(key);
		if (facts) {
			this.jobs.delete(key);
			this.jobs.set(key, facts);
		}
		return facts;
	}

	set(key: string, facts: JobFacts): void {
		this.jobs.set(key, facts);
		if (this.jobs.size > this.most) this.jobs.delete(this.jobs.keys().next().value!);
	}
}
