import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { timeoutStep } from './timeout-step';

export class Timeout implements INodeType {
	description: INodeTypeDescription = {
		displayName: timeoutStep.displayName,
		name: timeoutStep.name,
		icon: { light: 'file:timeout.svg', dark: 'file:timeout.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: timeoutStep.subtitle,
		description: timeoutStep.description,
		defaults: { name: timeoutStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		properties: stepProperties(timeoutStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, timeoutStep);
	}
}
