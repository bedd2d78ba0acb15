import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { runLoopStep } from './loop/run-loop-step';
import { readParameters } from './parameters';
import { INPUT } from './ports';
import type { Step } from './step';
import { itemsAt, reportOfSetting, StepResults } from './step-outputs';
import { runSubWorkflowStep } from './sub-workflow/run-sub-workflow-step';

/** Runs a step in the way the user chose: around the nodes between, or around a sub-workflow. */
export async function runStep(
	context: IExecuteFunctions,
	step: Step,
): Promise<INodeExecutionData[][] | null> {
	refuseAlwaysOutputData(context);
	const mode = readParameters(context, 0).choice('mode', ['between', 'subWorkflow']);
	const guardsSubWorkflow = mode === 'subWorkflow';
	const run = guardsSubWorkflow ? runSubWorkflowStep : runLoopStep;
	if (!context.continueOnFail()) return await run(context, step);
	try {
		return await run(context, step);
	} catch (error) {
		const results = allFailed(context, error as NodeOperationError).takeOutputs();
		return guardsSubWorkflow ? results : [[], ...results];
	}
}

/** n8n would put an empty item on the first output whenever a run has none there: a call that nobody made. */
function refuseAlwaysOutputData(context: IExecuteFunctions): void {
	const node = context.getNode();
	if (!node.alwaysOutputData) return;
	throw new NodeOperationError(node, 'The setting "Always Output Data" is on', {
		description:
			'Switch it off: n8n would make up an item for the protected nodes in every run that has none',
	});
}

/**
 * What is thrown when the user wants to go on makes n8n send the items on by the first output, as if nothing had
 * happened; all of them have failed.
 */
function allFailed(context: IExecuteFunctions, error: NodeOperationError): StepResults {
	const results = new StepResults();
	for (const input of Object.values(INPUT)) {
		for (const [item, original] of itemsAt(context, input).entries())
			results.fail(input, original, { item, input }, reportOfSetting(error));
	}
	return results;
}
