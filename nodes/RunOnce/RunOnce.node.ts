import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { runOnceStep } from './run-once-step';

export class RunOnce implements INodeType {
	description: INodeTypeDescription = {
		displayName: runOnceStep.displayName,
		name: runOnceStep.name,
		icon: { light: 'file:run-once.svg', dark: 'file:run-once.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: runOnceStep.subtitle,
		description: runOnceStep.description,
		defaults: { name: runOnceStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		properties: stepProperties(runOnceStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, runOnceStep);
	}
}
