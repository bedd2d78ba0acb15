import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { retryStep } from './retry-step';

export class Retry implements INodeType {
	description: INodeTypeDescription = {
		displayName: retryStep.displayName,
		name: retryStep.name,
		icon: { light: 'file:retry.svg', dark: 'file:retry.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: retryStep.subtitle,
		description: retryStep.description,
		defaults: { name: retryStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		properties: stepProperties(retryStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, retryStep);
	}
}
