import type { Workflow } from 'n8n-workflow';

import { isInside } from './nesting';

/** A turn that a step gave itself, to be taken when everything else in the execution is done. */
export interface Turn {
	/** Order of making. */
	readonly order: number;
	/**
	 * Whether it takes up calls that are held; otherwise it only learns that what is out will not come back. Which calls
	 * stands elsewhere: n8n stores this with every run.
	 */
	readonly hasHeld?: true;
	/** When the first of them may go on, ms since the epoch. */
	readonly dueAt?: number;
	/** Suspends the execution until then (ms since the epoch); the turn behind it goes on. */
	readonly waitUntil?: number;
}

export interface StepTurn {
	readonly step: string;
	readonly turn: Turn;
}

/** For calls that wait for something which another turn may set free: they are due after all others. */
export const DUE_LAST = Number.MAX_SAFE_INTEGER;

/**
 * Whether a turn is the next to be taken. One that takes calls up goes when none is due before it; of those due
 * at the same time the one furthest in goes first. One that takes none up goes when the steps further in are done.
 */
export function isNext(workflow: Workflow, mine: StepTurn, others: readonly StepTurn[]): boolean {
	const isFinal = ({ step }: StepTurn) =>
		!others.some((other) => isInside(workflow, other.step, step));
	if (!mine.turn.hasHeld) return isFinal(mine);

	const depthOf = ({ step }: StepTurn) =>
		[mine, ...others].filter((other) => isInside(workflow, step, other.step)).length;
	const isBefore = (other: StepTurn): boolean => {
		const later = (other.turn.dueAt ?? 0) - (mine.turn.dueAt ?? 0);
		if (later !== 0) return later < 0;
		const deeper = depthOf(other) - depthOf(mine);
		return deeper === 0 ? other.turn.order > mine.turn.order : deeper > 0;
	};
	return !others.some((other) =>
		other.turn.hasHeld
			? isBefore(other)
			: isInside(workflow, other.step, mine.step) && isFinal(other),
	);
}
