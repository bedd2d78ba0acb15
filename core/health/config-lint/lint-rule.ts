import type { StackMode } from '../../stack';
import type { Severity } from '../severity';
import type { LintFactName, LintFacts } from './lint-facts';

/** What is wrong with a setting. */
export interface LintProblem {
	/**
	 * `critical`: loses executions in every-day work, or silently. `warning`: loses them when something fails.
	 * `info`: makes a loss harder to see or to repair.
	 */
	readonly severity: Severity;
	/** Name of the setting, or what in the stack is meant. */
	readonly setting: string;
	/** As it is now; never a secret. */
	readonly value: string;
	/** What it loses and how, in a sentence. */
	readonly loses: string;
	/** The setting and value that mend it. */
	readonly remedy: string;
}

/** A check that a setting loses no executions. */
export interface LintRule {
	/** Stable; in kebab case. */
	readonly id: string;
	/** In which of n8n's modes it matters. */
	readonly mode: StackMode | 'any';
	/** What must be known for it. */
	readonly needs: readonly LintFactName[];
	check(facts: LintFacts): LintProblem | readonly LintProblem[] | undefined;
}

/** A rule whose check sees only what it says it needs. */
export const lintRule = <const Need extends LintFactName>(rule: {
	readonly id: string;
	readonly mode: LintRule['mode'];
	readonly needs: readonly Need[];
	check(facts: Pick<LintFacts, Need>): LintProblem | readonly LintProblem[] | undefined;
}): LintRule => rule;
