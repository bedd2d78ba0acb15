import type { PlannedStep } from '../ports';

/** The steps by which something changes: `leave` stands for none. */
export const changedBy = (steps: readonly PlannedStep[]): readonly PlannedStep[] =>
	steps.filter(({ action }) => action !== 'leave');
