import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { stepInputs, stepOutputs, stepProperties } from '../shared/description';
import { runStep } from '../shared/run-step';
import { stateCredentials, stateMethods } from '../shared/state';
import { circuitBreakerStep } from './circuit-breaker-step';

export class CircuitBreaker implements INodeType {
	description: INodeTypeDescription = {
		displayName: circuitBreakerStep.displayName,
		name: circuitBreakerStep.name,
		icon: { light: 'file:circuit-breaker.svg', dark: 'file:circuit-breaker.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: circuitBreakerStep.subtitle,
		description: circuitBreakerStep.description,
		defaults: { name: circuitBreakerStep.displayName },
		inputs: stepInputs,
		requiredInputs: 1,
		outputs: stepOutputs,
		credentials: stateCredentials,
		// A tool has neither the inputs of a loop nor arguments to hand to a sub-workflow.
		usableAsTool: undefined,
		properties: stepProperties(circuitBreakerStep),
	};

	methods = stateMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][] | null> {
		return await runStep(this, circuitBreakerStep);
	}
}
