import type { Gap } from './gap';

/** So many are named. */
const MOST_NAMED = 5;

/** Executions that have ended whose saved data a look has not read, so that nobody can say whether they are lost. */
export class UnreadExecutions {
	private readonly unreadable: string[] = [];
	private readonly elsewhere: string[] = [];
	private why = '';
	private left = 0;

	/** One whose data cannot be read, as where it is too large. */
	note(executionId: string, why: string): void {
		this.unreadable.push(executionId);
		this.why ||= why;
	}

	/** One whose data n8n keeps out of the database. */
	noteElsewhere(executionId: string): void {
		this.elsewhere.push(executionId);
	}

	/** So many that have to wait for the next look. */
	leave(count: number): void {
		this.left += count;
	}

	/** @param atOnce of how many a look reads it. */
	gaps(atOnce: number): readonly Gap[] {
		const { unreadable, elsewhere, why, left } = this;
		const gaps: Gap[] = [];
		if (left > 0)
			gaps.push({
				source: 'database',
				why: `the saved data of ${atOnce} executions is read at a time`,
				cannotKnow: `whether ${left} others that have ended are lost: ask again`,
			});
		if (unreadable.length > 0)
			gaps.push({
				source: 'database',
				why,
				cannotKnow: `whether executions that have ended are lost: ${named(unreadable)}`,
			});
		if (elsewhere.length > 0)
			gaps.push({
				source: 'saved data',
				why: 'n8n keeps it out of the database',
				cannotKnow: `whether executions that have failed are lost: ${named(elsewhere)}`,
			});
		return gaps;
	}
}

function named(ids: readonly string[]): string {
	const others = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
	return `${ids.slice(0, MOST_NAMED).join(', ')}${others}`;
}
