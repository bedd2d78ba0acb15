import type { WorkerStatus } from '../../../core/ports/stack';

/** Answers to one request, until all that were expected are there. */
export class ExpectedAnswers {
	readonly statuses: WorkerStatus[] = [];
	private readonly missing = new Map<string, number>();

	/** @param hostIds of whom answers are expected; as often as there are workers with it. */
	constructor(hostIds: readonly string[] | undefined) {
		for (const hostId of hostIds ?? [])
			this.missing.set(hostId, (this.missing.get(hostId) ?? 0) + 1);
	}

	/** Whether nobody is left that is known to be there. */
	get isWhole(): boolean {
		return this.missing.size === 0;
	}

	add(status: WorkerStatus): void {
		this.statuses.push(status);
		const left = (this.missing.get(status.hostId) ?? 0) - 1;
		if (left > 0) this.missing.set(status.hostId, left);
		else this.missing.delete(status.hostId);
	}
}
