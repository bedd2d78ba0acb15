import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { retryRule } from '../../../core/policies/retry';
import { retryBudgetOptions } from '../../../core/policies/retry-budget';
import { LONGEST_KEY } from '../longest-key';
import { collection, policyNameProperty } from './common-properties';
import { propertiesOf } from './option-property';
import { retryBudgetToggle } from './step-options';

/** What to do per kind of error. */
export const retryRulesProperty = (
	name: string,
	displayOptions?: IDisplayOptions,
): INodeProperties => ({
	displayName: 'Rules',
	name,
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true, multipleValueButtonText: 'Add Rule' },
	placeholder: 'Add Rule',
	default: {},
	description:
		'What to do per kind of error: the first rule whose fields all match decides. Without a match, errors that say the request was wrong (4xx except 408, 425 and 429) are not tried again, everything else is.',
	options: [
		{
			displayName: 'Rule',
			name: 'rule',
			values: propertiesOf(retryRule, {
				extras: {
					statusCodes: { placeholder: 'e.g. 429, 500-599' },
					errorName: { placeholder: 'e.g. AxiosError' },
					errorCode: { placeholder: 'e.g. ECONNRESET' },
					messagePattern: { placeholder: 'e.g. try * later' },
				},
			}),
		},
	],
	...(displayOptions && { displayOptions }),
});

/** A shared allowance of retries, off unless the user switches it on. */
export const retryBudgetProperties = (
	show: NonNullable<IDisplayOptions['show']> = {},
): INodeProperties[] => [
	...propertiesOf(retryBudgetToggle, {
		extras: Object.keys(show).length > 0 ? { useRetryBudget: { displayOptions: { show } } } : {},
	}),
	collection(
		'retryBudget',
		'Retry Budget',
		[
			...propertiesOf(retryBudgetOptions, { in: 'collection' }),
			{
				displayName: 'Key',
				name: 'key',
				type: 'string',
				default: '',
				placeholder: 'e.g. {{ $json.service }}',
				description: `Items with the same key share one budget. Empty: one for all items. At most ${LONGEST_KEY} characters.`,
			},
			policyNameProperty('the budget'),
		],
		{ show: { ...show, useRetryBudget: [true] } },
	),
];
