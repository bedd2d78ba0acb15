import type { IDataObject } from 'n8n-workflow';

import { lintConfiguration as lint, N8nSettings, readLintFacts } from '../../../../core/health';
import type { Operation } from '../../operation';

const OF = 'the n8n process that runs this workflow';

export const lintConfiguration: Operation = {
	resource: 'health',
	value: 'lintConfiguration',
	name: 'Lint Configuration',
	action: 'Find settings that lose executions',
	description:
		"Check n8n's settings, its Redis, its database and its active workflows for all that is known to lose executions",
	properties: [],

	async run({ stack: { sources }, signal }) {
		const settings = new N8nSettings(OF, (name) => process.env[name]);
		const readings = await readLintFacts(sources, settings, signal);
		const report = lint(sources.queueMode ? 'queue' : 'regular', readings);
		return [{ ...report, settingsOf: OF } as unknown as IDataObject];
	},
};
