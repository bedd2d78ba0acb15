import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { runLoopStep } from './loop/run-loop-step';
import { readParameters } from './parameters';
import { INPUT, OUTPUT } from './ports';
import type { Step } from './step';
import { guardUnwiredOutputs, itemsAt, reportOfSetting, StepResults } from './step-outputs';
import { runSubWorkflowStep } from './sub-workflow/run-sub-workflow-step';

/** Runs a step in the way the user chose: around the nodes between, or around a sub-workflow. */
export async function runStep(
	context: IExecuteFunctions,
	step: Step,
): Promise<INodeExecutionData[][] | null> {
	if (!context.continueOnFail()) return await run(context, step);
	try {
		return await run(context, step);
	} catch (error) {
		return allFailed(context, error as NodeOperationError);
	}
}

async function run(context: IExecuteFunctions, step: Step): Promise<INodeExecutionData[][] | null> {
	refuseSettings(context);
	const mode = readParameters(context, 0).choice('mode', ['between', 'subWorkflow']);
	return await (mode === 'subWorkflow' ? runSubWorkflowStep : runLoopStep)(context, step);
}

/** Settings of n8n's own by which it would make calls that the step knows nothing of. */
function refuseSettings(context: IExecuteFunctions): void {
	const node = context.getNode();
	if (node.alwaysOutputData) {
		// The refusal must not get such an item either, where the user wants to go on.
		Object.assign(context.getExecuteData(), { node: { ...node, alwaysOutputData: false } });
		throw new NodeOperationError(node, 'The setting "Always Output Data" is on', {
			description:
				'Switch it off: n8n would make up an item for the protected nodes in every run that has none',
		});
	}
	if (node.retryOnFail) {
		throw new NodeOperationError(node, 'The setting "Retry On Fail" is on', {
			description:
				'Switch it off: n8n would run the step again whenever the first item that leaves has an "error" of its own, and lose count of the calls. Retries are what the Retry step is for',
		});
	}
}

/**
 * What is thrown when the user wants to go on makes n8n send the items on by the first output, as if nothing had
 * happened; all of them have failed.
 */
function allFailed(context: IExecuteFunctions, error: NodeOperationError): INodeExecutionData[][] {
	const results = new StepResults();
	for (const input of Object.values(INPUT)) {
		for (const [item, original] of itemsAt(context, input).entries())
			results.fail(input, original, { item, input }, reportOfSetting(error));
	}
	const guardsSubWorkflow = context.getNode().parameters.mode === 'subWorkflow';
	guardUnwiredOutputs(context, results, guardsSubWorkflow ? 0 : OUTPUT.success);
	return guardsSubWorkflow ? results.takeOutputs() : [[], ...results.takeOutputs()];
}
