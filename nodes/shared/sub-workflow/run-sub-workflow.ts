import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import type { AttemptContext } from '../../../core/pipeline';
import { internalsOf } from '../n8n/internals';

/** A guarded sub-workflow started to wait; what it does later is out of the step's sight. */
const WAITING_REMEDY =
	'A guarded sub-workflow must finish in one go: remove its Wait, form and approval steps, or start it without a guard';

/**
 * Runs a workflow with one item.
 * @returns the items it ended with, paired to the item it was given.
 * @throws the child's error, or a {@link NodeOperationError} when the child started to wait.
 */
export async function runSubWorkflow(
	context: IExecuteFunctions,
	workflowId: string,
	item: INodeExecutionData,
	itemIndex: number,
	attempt?: Pick<AttemptContext, 'deadlineAt'>,
): Promise<INodeExecutionData[]> {
	const internals = internalsOf(context);
	const input: INodeExecutionData = {
		json: item.json,
		...(item.binary && { binary: item.binary }),
		pairedItem: { item: 0 },
	};
	const { executionId, data, waitTill } = await internals.additionalData.executeWorkflow(
		{ id: workflowId },
		withDeadline(internals.additionalData, attempt?.deadlineAt ?? Infinity),
		{
			inputData: [input],
			parentWorkflowId: internals.workflow.id,
			parentWorkflowSettings: internals.workflow.settings,
			node: context.getNode(),
			// The child's later end must not resume a parent that happens to wait.
			parentExecution: {
				executionId: context.getExecutionId(),
				workflowId: internals.workflow.id,
				shouldResume: false,
			},
			executionMode: context.getMode(),
		},
	);
	if (waitTill) {
		throw new NodeOperationError(context.getNode(), 'The sub-workflow started to wait', {
			itemIndex,
			description: WAITING_REMEDY,
		});
	}
	const subExecution = { executionId, workflowId };
	return (data[0] ?? []).map(({ json, binary }) => ({
		json,
		...(binary && { binary }),
		pairedItem: { item: itemIndex },
		metadata: { subExecution },
	}));
}

/**
 * Hands a deadline down: n8n stops the child at its next node once this moment has passed, and its children's
 * children too. A derived object, because the parent's own must stay as it is.
 */
function withDeadline(
	additionalData: IWorkflowExecuteAdditionalData,
	deadlineAt: number,
): IWorkflowExecuteAdditionalData {
	const own = additionalData.executionTimeoutTimestamp ?? Infinity;
	if (deadlineAt >= own) return additionalData;
	return Object.assign(Object.create(additionalData) as IWorkflowExecuteAdditionalData, {
		executionTimeoutTimestamp: deadlineAt,
	});
}
