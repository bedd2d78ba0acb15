import type { IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

import type { ItemParameters } from './item-parameters';
import { readParameters } from './parameters';
import { reportOfSetting, type FailureReport } from './step-outputs';

/**
 * Reads parameters for one item. Where the user wants to go on after errors, a parameter that cannot be used fails
 * only its own item.
 * @returns undefined when the item has failed.
 */
export function readForItem<T>(
	context: IExecuteFunctions,
	item: number,
	read: (parameters: ItemParameters) => T,
	onUnusable: (report: FailureReport) => void,
): T | undefined {
	if (!context.continueOnFail()) return read(readParameters(context, item));
	try {
		return read(readParameters(context, item));
	} catch (error) {
		onUnusable(reportOfSetting(error as NodeOperationError));
		return undefined;
	}
}
