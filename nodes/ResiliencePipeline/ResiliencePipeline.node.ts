import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { nothingSwitchedOn, resiliencePipelineStep } from './resilience-pipeline-step';

export class ResiliencePipeline implements INodeType {
	description: INodeTypeDescription = {
		displayName: resiliencePipelineStep.displayName,
		name: resiliencePipelineStep.name,
		icon: { light: 'file:resilience-pipeline.svg', dark: 'file:resilience-pipeline.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: resiliencePipelineStep.subtitle,
		description: resiliencePipelineStep.description,
		defaults: { name: resiliencePipelineStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		hints: [
			{
				type: 'warning',
				location: 'ndv',
				whenToDisplay: 'beforeExecution',
				displayCondition: nothingSwitchedOn,
				message: 'No policy is switched on, so the pipeline protects nothing.',
			},
		],
		properties: stepProperties(resiliencePipelineStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, resiliencePipelineStep);
	}
}
