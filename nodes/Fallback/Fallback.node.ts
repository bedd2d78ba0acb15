import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { fallbackStep } from './fallback-step';

export class Fallback implements INodeType {
	description: INodeTypeDescription = {
		displayName: fallbackStep.displayName,
		name: fallbackStep.name,
		icon: { light: 'file:fallback.svg', dark: 'file:fallback.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: fallbackStep.subtitle,
		description: fallbackStep.description,
		defaults: { name: fallbackStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		properties: stepProperties(fallbackStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, fallbackStep);
	}
}
