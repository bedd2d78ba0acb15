import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { rateLimiterStep } from './rate-limiter-step';

export class RateLimiter implements INodeType {
	description: INodeTypeDescription = {
		displayName: rateLimiterStep.displayName,
		name: rateLimiterStep.name,
		icon: { light: 'file:rate-limiter.svg', dark: 'file:rate-limiter.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: rateLimiterStep.subtitle,
		description: rateLimiterStep.description,
		defaults: { name: rateLimiterStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		properties: stepProperties(rateLimiterStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, rateLimiterStep);
	}
}
