import type { Reading } from '../stack';

/** A source that did not answer, and what is therefore not known. */
export interface Gap {
	readonly source: string;
	readonly why: string;
	readonly cannotKnow: string;
}

export const gapOf = (
	{ source, why }: Extract<Reading<never>, { isKnown: false }>,
	cannotKnow: string,
): Gap => ({ source, why, cannotKnow });
