import '../n8n-environment';

import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	mergeRunsPerBranch,
	NodeOperationError,
	UnexpectedError,
	type ExecuteWorkflowData,
	type ExecuteWorkflowOptions,
	type IExecuteWorkflowInfo,
	type IRun,
	type IWorkflowExecuteAdditionalData,
	type Workflow,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { buildWorkflow, startNodeOf } from './build-workflow';
import type { ExecutionRecord, RunOptions, WorkflowDefinition } from './definition';

type NodeOperationErrorOptions = ConstructorParameters<typeof NodeOperationError>[2];

let executionCount = 0;

/** Unique in this process, over workflows and sub-workflows. */
export const newExecutionId = (): string => String(++executionCount);

interface ExecutionSetup {
	executionId: string;
	workflow: Workflow;
	mode: WorkflowExecuteMode;
	options: RunOptions;
	records: ExecutionRecord[];
	deadline?: number;
	resumed?: boolean;
}

/** What n8n hands to an execution besides its workflow. */
export function buildAdditionalData(setup: ExecutionSetup): IWorkflowExecuteAdditionalData {
	const { executionId, workflow, mode, options, records } = setup;
	const base = 'http://localhost:5678/';
	const hooks = new ExecutionLifecycleHooks(mode, executionId, {
		id: workflow.id,
		name: workflow.name ?? workflow.id,
		nodes: Object.values(workflow.nodes),
		connections: workflow.connectionsBySourceNode,
		active: true,
		activeVersionId: 'version',
		isArchived: false,
		createdAt: new Date(0),
		updatedAt: new Date(0),
	});
	// As n8n's saveExecutionProgress does.
	hooks.addHandler('nodeExecuteAfter', (nodeName, _taskData, data) => {
		if (!options.onProgress) return;
		data.resultData.lastNodeExecuted = nodeName;
		options.onProgress(data);
	});
	const additionalData: Partial<IWorkflowExecuteAdditionalData> = {
		executionId,
		restartExecutionId: setup.resumed ? executionId : undefined,
		hooks,
		currentNodeExecutionIndex: 0,
		executionTimeoutTimestamp: setup.deadline,
		variables: {},
		webhookBaseUrl: base,
		webhookTestBaseUrl: base,
		webhookWaitingBaseUrl: base,
		formWaitingBaseUrl: base,
		instanceBaseUrl: base,
		restApiUrl: base,
		setExecutionStatus() {},
		sendDataToUI() {},
		getRunnerStatus: () => ({ available: true }),
		credentialsHelper: {
			getParentTypes: () => [],
			isCredentialUsableByNode: () => true,
			getDecrypted: async (_additionalData: unknown, _node: unknown, type: string) =>
				options.credentials?.[type],
		} as unknown as IWorkflowExecuteAdditionalData['credentialsHelper'],

		getRunExecutionData: async (id) =>
			records.find((record) => record.executionId === id)?.run?.data,
		executeWorkflow: async (info, parent, call) =>
			await executeSubWorkflow({ info, parent, call, options, records }),
	};
	return additionalData as IWorkflowExecuteAdditionalData;
}

interface SubWorkflowCall {
	info: IExecuteWorkflowInfo;
	parent: IWorkflowExecuteAdditionalData;
	call: ExecuteWorkflowOptions;
	options: RunOptions;
	records: ExecutionRecord[];
}

/** What n8n does when a node calls `executeWorkflow`: same modes, deadlines, results and errors. */
async function executeSubWorkflow(subCall: SubWorkflowCall): Promise<ExecuteWorkflowData> {
	const { info, parent, call, options, records } = subCall;
	const workflowId = info.id ?? call.parentWorkflowId;
	const definition = info.id ? options.subWorkflows?.[info.id] : info.code;
	if (!definition) throw new UnexpectedError('Workflow does not exist.', { extra: { workflowId } });
	const subDefinition = definition as WorkflowDefinition;
	const workflow = buildWorkflow(subDefinition, workflowId, options.nodeTypes);
	const executionId = newExecutionId();
	const { parentExecution } = call;
	const record: ExecutionRecord = { executionId, workflowId, parentExecution, status: 'running' };
	records.push(record);

	const seconds = subDefinition.settings?.executionTimeout ?? 0;
	const ownDeadline = seconds > 0 ? Date.now() + seconds * 1000 : undefined;
	const deadlines = [
		ownDeadline,
		call.doNotWaitToFinish ? undefined : parent.executionTimeoutTimestamp,
	];
	const known = deadlines.filter((deadline) => deadline !== undefined);
	const additionalData = buildAdditionalData({
		executionId,
		workflow,
		mode: 'integrated',
		options,
		records,
		deadline: known.length > 0 ? Math.min(...known) : undefined,
	});
	const data = createRunExecutionData({
		executionData: {
			nodeExecutionStack: [
				{
					node: startNodeOf(workflow, subDefinition),
					data: { main: [call.inputData ?? [{ json: {} }]] },
					metadata: { parentExecution },
					source: null,
				},
			],
		},
		parentExecution,
	});
	const finished = (async () => {
		const execution = new WorkflowExecute(additionalData, 'integrated', data);
		const run = await execution.processRunExecutionData(workflow);
		record.run = run;
		record.status = run.status;
		if (run.finished || run.status === 'waiting') {
			return { executionId, data: lastNodeOutput(run, call), waitTill: run.waitTill };
		}
		throw toError(run, workflow, executionId);
	})();
	if (!call.doNotWaitToFinish) return await finished;
	finished.catch(() => {});
	return { executionId, data: [null] };
}

function lastNodeOutput({ data }: IRun, { returnLastRunOnly }: ExecuteWorkflowOptions) {
	const { lastNodeExecuted, runData } = data.resultData;
	const runs = runData[lastNodeExecuted ?? ''] ?? [];
	if (runs.length === 0) return [null];
	return returnLastRunOnly ? (runs.at(-1)?.data?.main ?? [null]) : mergeRunsPerBranch(runs);
}

/** An error as the calling node sees it: of the failed child little more than the text is left. */
function toError({ data }: IRun, workflow: Workflow, executionId: string): Error {
	const failure = data.resultData.error;
	const message = failure?.message ?? 'An error occurred';
	const culprit = failure && 'node' in failure ? workflow.getNode(failure.node?.name ?? '') : null;
	const plain = { ...failure, message, name: failure?.name ?? 'Error' };
	const error = culprit
		? new NodeOperationError(culprit, plain, plain as NodeOperationErrorOptions)
		: new Error(message);
	return Object.assign(error, {
		...(failure?.description ? { description: failure.description } : {}),
		...(failure?.stack ? { stack: failure.stack } : {}),
		executionId,
		workflowId: workflow.id,
	});
}
