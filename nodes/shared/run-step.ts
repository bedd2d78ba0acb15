import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { runLoopStep } from './loop/run-loop-step';
import type { Step } from './step';
import { runSubWorkflowStep } from './sub-workflow/run-sub-workflow-step';

/** Runs a step in the way the user chose: around the nodes between, or around a sub-workflow. */
export async function runStep(
	context: IExecuteFunctions,
	step: Step,
): Promise<INodeExecutionData[][] | null> {
	const guardsSubWorkflow = context.getNodeParameter('mode', 0) === 'subWorkflow';
	return await (guardsSubWorkflow ? runSubWorkflowStep : runLoopStep)(context, step);
}
