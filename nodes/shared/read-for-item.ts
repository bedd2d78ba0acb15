import type { IExecuteFunctions, INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import type { ItemParameters } from './item-parameters';
import { readParameters } from './parameters';
import { reportOfSetting, type StepOutputs } from './step-outputs';

/**
 * Reads parameters for one item. Where the user wants to go on after errors, a parameter that cannot be used fails
 * only its own item.
 * @returns undefined when the item has failed.
 */
export function readForItem<T>(
	context: IExecuteFunctions,
	item: number,
	original: INodeExecutionData,
	outputs: StepOutputs,
	read: (parameters: ItemParameters) => T,
): T | undefined {
	if (!context.continueOnFail()) return read(readParameters(context, item));
	try {
		return read(readParameters(context, item));
	} catch (error) {
		outputs.fail(original, { item, input: 0 }, reportOfSetting(error as NodeOperationError));
		return undefined;
	}
}
