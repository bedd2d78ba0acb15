import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { fallbackOptions } from '../../../core/policies/fallback';
import { propertiesOf } from './option-property';
import { alternativeOptions } from './step-options';

/** What stands in for a failed call, in the order in which it is tried. */
export const alternativesProperty = (displayOptions?: IDisplayOptions): INodeProperties => ({
	displayName: 'Alternatives',
	name: 'alternatives',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true, multipleValueButtonText: 'Add Alternative' },
	placeholder: 'Add Alternative',
	default: { alternative: [{ type: 'static', value: '{}' }] },
	description:
		'What stands in for an item that failed or was rejected. They are tried from top to bottom; the first that has an answer is used. If none has, the failure stands.',
	options: [
		{
			displayName: 'Alternative',
			name: 'alternative',
			values: [
				...propertiesOf(alternativeOptions, { extras: { type: { noDataExpression: true } } }),
				{
					displayName: 'Value',
					name: 'value',
					type: 'json',
					default: '{}',
					placeholder: 'e.g. {"status": "unavailable"}',
					description:
						'JSON to answer with. An object becomes the item; anything else stands in its field "value". An expression is evaluated for each item before the call is made, so it sees the item and not the error.',
					displayOptions: { show: { type: ['static'] } },
				},
				...propertiesOf(fallbackOptions, {
					extras: { maxAgeMs: { displayOptions: { show: { type: ['lastGood'] } } } },
				}),
				{
					displayName: 'Workflow',
					name: 'workflowId',
					type: 'workflowSelector',
					default: '',
					description: 'The sub-workflow to ask. If it fails, the next alternative is tried.',
					displayOptions: { show: { type: ['subWorkflow'] } },
				},
			],
		},
	],
	...(displayOptions && { displayOptions }),
});
