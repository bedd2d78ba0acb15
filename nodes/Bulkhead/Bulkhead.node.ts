import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { bulkheadStep } from './bulkhead-step';

export class Bulkhead implements INodeType {
	description: INodeTypeDescription = {
		displayName: bulkheadStep.displayName,
		name: bulkheadStep.name,
		icon: { light: 'file:bulkhead.svg', dark: 'file:bulkhead.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: bulkheadStep.subtitle,
		description: bulkheadStep.description,
		defaults: { name: bulkheadStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		properties: stepProperties(bulkheadStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, bulkheadStep);
	}
}
