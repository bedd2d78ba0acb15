import { NodeOperationError, type INode } from 'n8n-workflow';

/** The error as the editor shows it: what happened, and below it what to do. */
export function asNodeError(
	node: INode,
	{ message, remedy }: { readonly message: string; readonly remedy?: string },
	itemIndex?: number,
): NodeOperationError {
	const error = new NodeOperationError(node, message, { itemIndex, description: remedy });
	// n8n replaces a message that happens to contain, say, "eperm".
	error.message = message;
	return error;
}
