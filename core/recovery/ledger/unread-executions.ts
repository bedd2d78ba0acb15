import type { Gap } from './gap';

/** So many are named. */
const MOST_NAMED = 5;

/** Executions that have ended whose saved data a look has not read, so that nobody can say whether they are lost. */
export class UnreadExecutions {
	private readonly unreadable: string[] = [];
	private why = '';
	private left = 0;

	/** One whose data cannot be read, as where it is too large. */
	note(executionId: string, why: string): void {
		this.unreadable.push(executionId);
		this.why ||= why;
	}

	/** So many that have to wait for the next look. */
	leave(count: number): void {
		this.left += count;
	}

	/** @param atOnce of how many a look reads it. */
	gaps(atOnce: number): readonly Gap[] {
		const { unreadable, why, left } = this;
		const named = unreadable.slice(0, MOST_NAMED).join(', ');
		const others =
			unreadable.length > MOST_NAMED ? ` and ${unreadable.length - MOST_NAMED} more` : '';
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
				cannotKnow: `whether executions that have ended are lost: ${named}${others}`,
			});
		return gaps;
	}
}
