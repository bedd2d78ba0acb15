export { ConfigurationCheck, type DatedLintReport } from './configuration-check';
export { lintConfiguration, type LintFinding, type LintReport } from './lint-configuration';
export { MOST_WORKFLOWS, type LintFacts, type LintReadings } from './lint-facts';
export type { LintProblem, LintRule } from './lint-rule';
export { N8nSettings } from './n8n-settings';
export { readLintFacts } from './read-lint-facts';
export { LINT_RULES } from './rules';
export { flagFrom, numberFrom, textFrom } from './setting-text';
export { isHidden, SETTING_NAMES, SETTING_TYPES, type SettingName } from './setting-types';
