import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import { CHECK_TAG, runSyntheticCheck as check, tellCheck } from '../../../../core/health';
import { integer } from '../../../../core/options';
import { propertiesOf } from '../../../shared/description';
import { audited } from '../../changes';
import type { Operation } from '../../operation';

const checkOptions = z.strictObject({
	timeoutSeconds: integer(1, 300, 30, {
		title: 'Timeout',
		description: 'For all of it',
		unit: 's',
	}),
});

export const runSyntheticCheck: Operation = {
	resource: 'health',
	value: 'runSyntheticCheck',
	name: 'Run Synthetic Check',
	action: 'Run a synthetic check',
	description:
		'Run a workflow end to end by its webhook, and time each hop: called, row created, enqueued, taken, started, finished, answered',
	properties: [
		{
			displayName: 'Workflow ID',
			name: 'workflowId',
			type: 'string',
			default: '',
			placeholder: 'e.g. V1StGXR8Z5jdHi6B',
			description: `Of a published workflow with a webhook and the tag ${CHECK_TAG}. Empty: the prebuilt one, Synthetic Check in the folder workflows/operations of this package.`,
		},
		...propertiesOf(checkOptions),
	],

	async run({ parameters, stack: { sources, clock, newId }, who, signal }) {
		const { timeoutSeconds } = parameters.options(checkOptions);
		const workflowId = parameters.text('workflowId').trim() || undefined;
		const event = { who, operation: 'run synthetic check', input: { workflowId, timeoutSeconds } };
		const report = await audited(
			event,
			async () =>
				await check(
					{ sources, clock, newId },
					{ workflowId, timeoutMs: timeoutSeconds * 1_000, signal },
				),
			({ verdict, executionId = 'not known' }) => `${verdict}, execution ${executionId}`,
		);
		return [tellCheck(report) as unknown as IDataObject];
	},
};
