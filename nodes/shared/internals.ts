import {
	NodeOperationError,
	type IExecuteData,
	type IExecuteFunctions,
	type IRun,
	type IRunExecutionData,
	type IWorkflowExecuteAdditionalData,
	type Workflow,
} from 'n8n-workflow';

/** What n8n-core adds to the data of an execution; n8n-workflow, the only package a node may know, leaves it out. */
interface ExecutionHooks {
	readonly hooks?: {
		addHandler?(event: 'workflowExecuteAfter', handler: (run: IRun) => Promise<void>): void;
	};
}

/**
 * What n8n's execute context has as public, read-only fields beyond its published interface. A loop needs them to
 * follow items and to take its turn when everything else is done; nothing here is reachable in another way.
 */
export interface Internals {
	readonly workflow: Workflow;
	readonly runExecutionData: IRunExecutionData;
	readonly executionData: NonNullable<IRunExecutionData['executionData']>;
	readonly additionalData: IWorkflowExecuteAdditionalData & ExecutionHooks;
	readonly runIndex: number;
	readonly executeData: IExecuteData;
}

/**
 * Reads the internals off a context.
 * @throws {NodeOperationError} when this n8n does not have them.
 */
export function internalsOf(context: IExecuteFunctions): Internals {
	const found = context as unknown as Partial<Internals>;
	const { workflow, runExecutionData, additionalData, runIndex } = found;
	if (!workflow || !runExecutionData?.executionData || !additionalData || runIndex === undefined) {
		throw new NodeOperationError(
			context.getNode(),
			'This version of n8n does not let a step follow its items',
			{
				description: 'Bulwark needs n8n 2.41 or later: update n8n',
			},
		);
	}
	return {
		workflow,
		runExecutionData,
		executionData: runExecutionData.executionData,
		additionalData,
		runIndex,
		executeData: context.getExecuteData(),
	};
}

/** Where an output of a node leads to; none means that what goes there is lost. */
export function isOutputConnected(
	{ workflow }: Pick<Internals, 'workflow'>,
	nodeName: string,
	output: number,
): boolean {
	return (workflow.connectionsBySourceNode[nodeName]?.main?.[output] ?? []).length > 0;
}

/** Whether anything leads into an input of a node. */
export function isInputConnected(
	{ workflow }: Pick<Internals, 'workflow'>,
	nodeName: string,
	input: number,
): boolean {
	return (workflow.connectionsByDestinationNode[nodeName]?.main?.[input] ?? []).length > 0;
}
