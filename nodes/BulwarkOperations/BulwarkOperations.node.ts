import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { stackCredentials } from '../shared/stack';
import { stateMethods } from '../shared/state';
import { operationProperties } from './operation-properties';
import { runOperations } from './run-operations';

export class BulwarkOperations implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Bulwark Operations',
		name: 'bulwarkOperations',
		icon: { light: 'file:bulwark-operations.svg', dark: 'file:bulwark-operations.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Looks after n8n: health, queue, workers, lost executions and policies',
		defaults: { name: 'Bulwark Operations' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: stackCredentials,
		usableAsTool: true,
		properties: operationProperties,
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await runOperations(this)];
	}
}
