import type { SeenAnswer } from '../owners';

/** Answers to one request, until all that were expected are there. */
export class ExpectedAnswers {
	readonly seen: SeenAnswer[] = [];
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

	add(answer: SeenAnswer): void {
		this.seen.push(answer);
		const { hostId } = answer.status;
		const left = (this.missing.get(hostId) ?? 0) - 1;
		if (left > 0) this.missing.set(hostId, left);
		else this.missing.delete(hostId);
	}
}
