import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { runLoopStep } from './loop/run-loop-step';
import { loadNamedPolicies, PolicyNotes } from './named-policies';
import { readParameters } from './parameters';
import { INPUT, OUTPUT } from './ports';
import type { Step } from './step';
import { guardUnwiredOutputs, itemsAt, reportOfSetting, StepResults } from './step-outputs';
import { openServices } from './state';
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
	const services = await openServices(context, step);
	if (mode === 'between') refuseExecuteOnce(context);
	await loadNamedPolicies(context, step, services);
	const notes = new PolicyNotes(context, services);
	const runIt = mode === 'between' ? runLoopStep : runSubWorkflowStep;
	const outputs = await runIt(context, notes.around(step), services);
	if (outputs) await notes.report();
	return outputs;
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

/** Around a sub-workflow it does what the user asks for: only the first item is called. */
function refuseExecuteOnce(context: IExecuteFunctions): void {
	const node = context.getNode();
	if (!node.executeOnce) return;
	throw new NodeOperationError(node, 'The setting "Execute Once" is on', {
		description:
			'Switch it off: n8n would also cut what comes back down to its first item, and lose the others. To call only one item, put a Limit node before the step',
	});
}

/**
 * What is thrown when the user wants to go on makes n8n send the items on by the first output, as if nothing had
 * happened; all of them have failed.
 */
function allFailed(context: IExecuteFunctions, error: NodeOperationError): INodeExecutionData[][] {
	const results = new StepResults();
	const guardsSubWorkflow = context.getNode().parameters.mode === 'subWorkflow';
	for (const input of Object.values(INPUT)) {
		// Around nodes all that arrived, also what "Execute Once" hides.
		const items = guardsSubWorkflow
			? itemsAt(context, input)
			: (context.getExecuteData().data.main?.[input] ?? []);
		for (const [item, original] of items.entries())
			results.fail(input, original, { item, input }, reportOfSetting(error));
	}
	guardUnwiredOutputs(context, results, guardsSubWorkflow ? 0 : OUTPUT.success);
	return guardsSubWorkflow ? results.takeOutputs() : [[], ...results.takeOutputs()];
}
