import type { IDataObject } from 'n8n-workflow';

import { lintConfiguration as lint, readLintFacts } from '../../../../core/health';
import { modeOf } from '../../../../core/stack';
import { settingsOfProcess } from '../../../shared/stack';
import type { Operation } from '../../operation';

export const lintConfiguration: Operation = {
	resource: 'health',
	value: 'lintConfiguration',
	name: 'Lint Configuration',
	action: 'Find settings that lose executions',
	description:
		"Check n8n's settings, its Redis, its database and its active workflows for all that is known to lose executions",
	properties: [],

	async run({ stack: { sources }, signal }) {
		const settings = settingsOfProcess();
		const readings = await readLintFacts(sources, settings, signal);
		const report = lint(modeOf(sources), readings);
		return [{ ...report, settingsOf: settings.of } as unknown as IDataObject];
	},
};
