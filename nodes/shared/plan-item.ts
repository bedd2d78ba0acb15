import type { IExecuteFunctions, INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { readParameters } from './parameters';
import type { Step, StepPlan } from './step';
import type { StepOutputs } from './step-outputs';

/**
 * Reads the parameters for one item. Where the user wants to go on after errors, a parameter that cannot be used
 * fails only its own item.
 */
export function planItem(
	context: IExecuteFunctions,
	step: Step,
	item: number,
	outputs: StepOutputs,
	original: INodeExecutionData,
	input = 0,
): StepPlan | undefined {
	if (!context.continueOnFail()) return step.plan(readParameters(context, item));
	try {
		return step.plan(readParameters(context, item));
	} catch (error) {
		const { message, name, description } = error as NodeOperationError;
		const report = { failure: { message, name }, attempts: 0, remedy: description ?? undefined };
		outputs.fail(original, { item, input }, report);
		return undefined;
	}
}
