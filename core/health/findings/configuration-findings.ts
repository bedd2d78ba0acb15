import type { LintReport } from '../config-lint';
import type { Finding } from './finding';

/** Most settings that are named as evidence. */
const MOST_NAMED = 5;

/** Settings that lose executions, as one finding that names the worst of them. What they lose is not lost yet. */
export function configurationFindings({ findings }: LintReport): readonly Finding[] {
	const losing = findings.filter(({ severity }) => severity !== 'info');
	const [worst] = losing;
	if (!worst) return [];
	const named = `${worst.setting} (${worst.value})`;
	return [
		{
			id: 'settings-lose-executions',
			severity: worst.severity === 'critical' ? 'warning' : 'info',
			component: 'n8n',
			subject: worst.id,
			summary:
				losing.length === 1
					? `A setting loses executions: ${named}`
					: `${losing.length} settings lose executions, the worst is ${named}`,
			evidence: losing.slice(0, MOST_NAMED).map(({ setting, value, loses }) => ({
				source: "n8n's settings",
				says: `${setting} is ${value}: ${loses}`,
			})),
			remedy: `${worst.remedy} (lint_configuration names all)`,
		},
	];
}
