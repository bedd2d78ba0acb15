import {
	NodeConnectionTypes,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';

import { stackCredentials } from '../shared/stack';
import { stateMethods } from '../shared/state';
import { triggerProperties } from './trigger-properties';
import { watchForEvents } from './watch-for-events';

export class BulwarkTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Bulwark Trigger',
		name: 'bulwarkTrigger',
		icon: { light: 'file:bulwark-trigger.svg', dark: 'file:bulwark-trigger.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Starts a workflow when something in n8n is out of order',
		defaults: { name: 'Bulwark Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: stackCredentials,
		properties: triggerProperties,
	};

	methods = stateMethods;

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return await watchForEvents(this);
	}
}
