import type { JobFacts } from './job-facts';

/** What was read of a pool's jobs, by id; forgets those first that were read first. */
export class JobMemory {
	private readonly jobs = new Map<string, JobFacts>();

	constructor(private readonly most: number) {}

	get(id: string): JobFacts | undefined {
		return this.jobs.get(id);
	}

	delete(id: string): void {
		this.jobs.delete(id);
	}

	set(id: string, facts: JobFacts): void {
		this.jobs.set(id, facts);
		if (this.jobs.size > this.most) this.jobs.delete(this.jobs.keys().next().value!);
	}
}
