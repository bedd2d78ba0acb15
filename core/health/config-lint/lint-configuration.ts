import type { StackMode } from '../../stack';
import { bySeverity } from '../severity';
import type { LintFactName, LintFacts, LintReadings } from './lint-facts';
import type { LintProblem, LintRule } from './lint-rule';
import { LINT_RULES } from './rules';

export interface LintFinding extends LintProblem {
	/** Of the rule. */
	readonly id: string;
}

export interface LintReport {
	readonly mode: StackMode;
	/** Worst first. */
	readonly findings: readonly LintFinding[];
	/** Rules that found nothing. */
	readonly passed: readonly string[];
	/** Rules that could not be checked. */
	readonly unknown: ReadonlyArray<{ readonly id: string; readonly because: string }>;
}

/** Checks a stack's configuration for all that is known to lose executions. */
export function lintConfiguration(
	mode: StackMode,
	readings: LintReadings,
	rules: readonly LintRule[] = LINT_RULES,
): LintReport {
	const findings: LintFinding[] = [];
	const passed: string[] = [];
	const unknown: Array<{ id: string; because: string }> = [];
	const known = knownOf(readings);
	for (const { id, mode: matters, needs, check } of rules) {
		if (matters !== 'any' && matters !== mode) continue;
		const because = missing(readings, needs);
		if (because !== undefined) {
			unknown.push({ id, because });
			continue;
		}
		const problems = [check(known)].flat().filter((problem) => problem !== undefined);
		if (problems.length === 0) passed.push(id);
		findings.push(...problems.map((problem) => ({ id, ...problem })));
	}
	findings.sort(bySeverity);
	return { mode, findings, passed, unknown };
}

/** Rules see only what they need, and run only where that is known. */
const knownOf = (readings: LintReadings): LintFacts =>
	Object.fromEntries(
		Object.entries(readings).flatMap(([name, reading]) =>
			reading.isKnown ? [[name, reading.value]] : [],
		),
	) as unknown as LintFacts;

function missing(readings: LintReadings, needs: readonly LintFactName[]): string | undefined {
	const why = needs.flatMap((name) => {
		const reading = readings[name];
		return reading.isKnown ? [] : [`${reading.source}: ${reading.why}`];
	});
	return why.length > 0 ? [...new Set(why)].join('; ') : undefined;
}
