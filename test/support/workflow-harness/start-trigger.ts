import '../n8n-environment';

import { TriggerContext } from 'n8n-core';
import type { INodeExecutionData, ITriggerResponse, WorkflowExecuteMode } from 'n8n-workflow';

import { buildWorkflow, startNodeOf } from './build-workflow';
import type { RunOptions } from './definition';
import { buildAdditionalData, newExecutionId } from './n8n-services';

/** A trigger that is active, and what it has started its workflow with. */
export interface RunningTrigger {
	/** The items of each start. */
	readonly starts: INodeExecutionData[][];
	/** What n8n would keep with the workflow: as it was at the last start. */
	readonly saved: () => unknown;
	readonly response: ITriggerResponse;
	close(): Promise<void>;
}

/** Activates the first node of a workflow, as n8n does with triggers. */
export async function startTrigger(
	options: RunOptions,
	{ mode = 'trigger', saved = {} }: { mode?: WorkflowExecuteMode; saved?: unknown } = {},
): Promise<RunningTrigger> {
	const workflow = buildWorkflow(options, 'workflow', options.nodeTypes);
	const additionalData = buildAdditionalData({
		executionId: newExecutionId(),
		workflow,
		mode,
		options,
		records: [],
	});
	const node = startNodeOf(workflow, options);
	Object.assign(workflow.getStaticData('node', node), JSON.parse(JSON.stringify(saved)));
	const starts: INodeExecutionData[][] = [];
	let kept = saved;
	const context = new TriggerContext(
		workflow,
		node,
		additionalData,
		mode,
		'activate',
		([items = []]) => {
			kept = JSON.parse(JSON.stringify(workflow.getStaticData('node', node)));
			starts.push(items);
		},
	);
	const type = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
	const response = (await type.trigger!.call(context))!;
	return {
		starts,
		saved: () => kept,
		response,
		close: async () => await response.closeFunction?.(),
	};
}
