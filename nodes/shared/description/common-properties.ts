import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { LONGEST_KEY } from '../longest-key';
import { propertiesOf } from './option-property';
import { loopOptions, modes, subWorkflowOptions } from './step-options';

/** Choice of what the step guards, and what belongs to it. */
export const guardProperties: INodeProperties[] = [
	{
		displayName: 'Guard',
		name: 'mode',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: modes.between,
				value: 'between',
				description:
					'Nodes on the canvas, from the output Call back to the inputs Succeeded and Failed',
			},
			{
				name: modes.subWorkflow,
				value: 'subWorkflow',
				description: 'A workflow of its own, run once for each item',
			},
		],
		default: 'between',
		description:
			'What this step protects. A sub-workflow can also be stopped by a timeout and run for several items at once.',
	},
	{
		displayName:
			'Wire <b>Call</b> to the nodes to protect. Wire their success output back to <b>Succeeded</b> and their error output to <b>Failed</b>: set their <b>On Error</b> to "Continue (using error output)" in their settings.',
		name: 'betweenNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { mode: ['between'] } },
	},
	...propertiesOf(loopOptions, {
		extras: {
			handOnResults: { displayOptions: { show: { mode: ['between'] } }, noDataExpression: true },
		},
	}),
	{
		displayName: 'Workflow',
		name: 'workflowId',
		type: 'workflowSelector',
		default: '',
		required: true,
		description:
			'The sub-workflow to protect. It starts with "When Executed by Another Workflow", is given one item at a time, and must be published.',
		displayOptions: { show: { mode: ['subWorkflow'] } },
	},
	...propertiesOf(subWorkflowOptions, {
		extras: { parallelism: { displayOptions: { show: { mode: ['subWorkflow'] } } } },
	}),
];

export const keyProperty = (
	sharing: string,
	displayOptions?: IDisplayOptions,
): INodeProperties => ({
	displayName: 'Key',
	name: 'key',
	type: 'string',
	default: '',
	placeholder: 'e.g. {{ $json.userId }}',
	description: `Items with the same key share ${sharing}: use one per user, per customer or per service. Empty: one for all items. At most ${LONGEST_KEY} characters.`,
	...(displayOptions && { displayOptions }),
});

/** For a step that makes no sense without. */
export const requiredKeyProperty: INodeProperties = {
	displayName: 'Key',
	name: 'key',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. {{ $json.orderId }}',
	description: `Items with the same key are the same work: use the number of an order or of an event. At most ${LONGEST_KEY} characters.`,
};

/** In a collection of one policy, where the step has a key for all of its policies. */
export const ownKeyProperty: INodeProperties = {
	displayName: 'Key',
	name: 'key',
	type: 'string',
	default: '',
	placeholder: 'e.g. {{ $json.service }}',
	description: `A key for this policy alone, in place of the step's. Empty: one state for all items. At most ${LONGEST_KEY} characters.`,
};

export const policyNameProperty = (
	state: string,
	displayOptions?: IDisplayOptions,
): INodeProperties => ({
	displayName: 'Shared Name',
	name: 'policyName',
	type: 'string',
	default: '',
	placeholder: 'e.g. payment-api',
	description: `Steps of any workflow with the same name share ${state}; give them the same settings. Empty: this node has its own. At most ${LONGEST_KEY} characters.`,
	...(displayOptions && { displayOptions }),
});

/** A group of parameters that a user adds one by one. */
export const collection = (
	name: string,
	displayName: string,
	options: INodeProperties[],
	displayOptions?: IDisplayOptions,
): INodeProperties => ({
	displayName,
	name,
	type: 'collection',
	placeholder: name === 'options' ? 'Add Option' : 'Add Setting',
	default: {},
	options,
	...(displayOptions && { displayOptions }),
});
