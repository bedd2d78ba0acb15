import type {
	ExecuteWorkflowData,
	ExecuteWorkflowOptions,
	IExecuteFunctions,
	INodeExecutionData,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { PermanentError } from '../../../core/errors';
import type { AttemptContext } from '../../../core/pipeline';
import type { ItemPlace } from '../step-outputs';
import { internalsOf } from '../internals';

/** A guarded sub-workflow started to wait; what it does later is out of the step's sight. */
const WAITING_REMEDY =
	'A guarded sub-workflow must finish in one go: remove its Wait, form and approval steps, or start it without a guard';

/**
 * Runs a workflow with one item.
 * @returns the items that its last node ended with, on whichever outputs, paired to the item it was given.
 * @throws {PermanentError} when the child started to wait, or could not be started.
 * @throws the child's error.
 */
export async function runSubWorkflow(
	context: IExecuteFunctions,
	workflowId: string,
	item: INodeExecutionData,
	place: ItemPlace,
	attempt?: Pick<AttemptContext, 'deadlineAt'>,
): Promise<INodeExecutionData[]> {
	const internals = internalsOf(context);
	const input: INodeExecutionData = {
		json: item.json,
		...(item.binary && { binary: item.binary }),
		pairedItem: { item: 0 },
	};
	const { executionId, data, waitTill } = await start(
		workflowId,
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
	// Trying again would start one more child that does its work later.
	if (waitTill) throw new PermanentError('The sub-workflow started to wait', WAITING_REMEDY);
	const subExecution = { executionId, workflowId };
	return data
		.flatMap((items) => items ?? [])
		.map(({ json, binary }) => ({
			json,
			...(binary && { binary }),
			pairedItem: { ...place },
			metadata: { subExecution },
		}));
}

/** n8n's words for a workflow that it does not start, before there is an execution. */
const NOT_STARTED = /does not exist|not active|not published|cannot be called/i;

const start = async (
	workflowId: string,
	additionalData: IWorkflowExecuteAdditionalData,
	options: ExecuteWorkflowOptions,
): Promise<ExecuteWorkflowData> =>
	await additionalData
		.executeWorkflow({ id: workflowId }, additionalData, options)
		.catch(async (error: unknown) => await Promise.reject(notStarted(workflowId, error) ?? error));

function notStarted(workflowId: string, error: unknown): PermanentError | undefined {
	const { message, executionId } = error as { message?: string; executionId?: string };
	if (executionId !== undefined || !NOT_STARTED.test(message ?? '')) return undefined;
	return new PermanentError(
		`The sub-workflow "${workflowId}" cannot be started: ${message}`,
		'Choose a workflow that exists, is published, and may be called by this one',
	);
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
