import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { FailureReport } from '../step-outputs';

/** An item with nothing but these is an error to n8n, whichever output it leaves by. */
const FIELDS_OF_ERRORS = ['error', 'message', 'details'];

/**
 * Whether n8n would move an item to the step's own error output instead of sending it to the protected nodes. The items
 * behind it would then stand in the places of others.
 */
export const isTakenForError = (
	context: IExecuteFunctions,
	{ json }: INodeExecutionData,
): boolean =>
	context.getNode().onError === 'continueErrorOutput' &&
	Boolean(json.error) &&
	Object.keys(json).every((field) => FIELDS_OF_ERRORS.includes(field));

/** What such an item leaves with. */
export const TAKEN_FOR_ERROR: FailureReport = {
	failure: { message: 'n8n takes this item for an error, as it has nothing but an "error"' },
	attempts: 0,
	remedy:
		'Set the On Error of this step to something other than "Continue (using error output)", or give the item another field',
};
