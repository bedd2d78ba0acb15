import { lintRule, type LintProblem, type LintRule } from './lint-rule';
import type { SettingName } from './setting-types';

/** A rule that a switch must be on. */
export const switchedOff = ({
	id,
	mode,
	...problem
}: Pick<LintRule, 'id' | 'mode'> &
	Omit<LintProblem, 'setting' | 'value'> & {
		readonly setting: SettingName;
	}): LintRule =>
	lintRule({
		id,
		mode,
		needs: ['settings'],
		check: ({ settings }) =>
			settings.value(problem.setting)
				? undefined
				: { ...problem, value: settings.shown(problem.setting) },
	});
