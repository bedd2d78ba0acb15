import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { isInputConnected, isOutputConnected, type Internals } from '../internals';
import { INPUT, OUTPUT } from '../ports';

const HOW_TO_WIRE =
	'Wire Call to the nodes to protect, and their success and error outputs back into Succeeded and Failed';

/**
 * Refuses a workflow in which items would disappear: Call leads nowhere, or nothing comes back. Tried on its own in the
 * editor, a step may be as it was dragged in. With one of the two wires it may be meant, so that is only pointed out.
 */
export function checkWiring(context: IExecuteFunctions, internals: Internals): void {
	assertExecutionOrder(context, internals);
	if (internals.runExecutionData.startData?.destinationNode !== undefined) return;
	const node = context.getNode();
	if (!isOutputConnected(internals, node.name, OUTPUT.call)) {
		throw new NodeOperationError(node, 'The output Call leads nowhere', {
			description: HOW_TO_WIRE,
		});
	}
	const [succeeded, failed] = [INPUT.succeeded, INPUT.failed].map((input) =>
		isInputConnected(internals, node.name, input),
	);
	if (!succeeded && !failed) {
		throw new NodeOperationError(node, 'Nothing comes back into Succeeded or Failed', {
			description: HOW_TO_WIRE,
		});
	}
	if (succeeded && failed) return;
	const message = succeeded
		? 'Nothing is wired into Failed, so this step sees no failures. Let the protected nodes continue on error ("using error output") and wire that output into Failed.'
		: 'Nothing is wired into Succeeded, so items that succeed do not leave this step. Wire the success output of the protected nodes into it.';
	context.addExecutionHints({ message, location: 'outputPane', type: 'warning' });
}

function assertExecutionOrder(context: IExecuteFunctions, internals: Internals): void {
	if (internals.workflow.settings.executionOrder === 'v1') return;
	throw new NodeOperationError(
		context.getNode(),
		'This workflow uses the execution order "v0 (legacy)"',
		{
			description:
				'Set Execution Order to "v1 (recommended)" in the workflow settings: a loop needs it',
		},
	);
}
