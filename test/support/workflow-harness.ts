import './n8n-environment';

import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	mergeRunsPerBranch,
	NodeHelpers,
	NodeOperationError,
	UnexpectedError,
	Workflow,
	type ExecuteWorkflowData,
	type ExecuteWorkflowOptions,
	type ExecutionStatus,
	type IConnections,
	type IDataObject,
	type IExecuteWorkflowInfo,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type INodeTypes,
	type IPinData,
	type IRun,
	type IRunData,
	type IRunExecutionData,
	type ITaskData,
	type IVersionedNodeType,
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
	type RelatedExecution,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { roundTrip } from './round-trip';
import { connect } from './wiring';

export type NodeTypesByName = Record<string, INodeType | IVersionedNodeType>;

export interface WorkflowDefinition {
	nodes: Array<Partial<INode> & Pick<INode, 'name' | 'type'>>;
	/** As in a workflow file, or wires such as `Call.Error -> Retry.Failed`. */
	connections: IConnections | readonly string[];
	settings?: IWorkflowSettings;
}

export interface RunOptions extends WorkflowDefinition {
	nodeTypes: NodeTypesByName;
	/** Published workflows that nodes may run, by id. */
	subWorkflows?: Record<string, WorkflowDefinition>;
	/** What the first node (or `startNode`) receives; one empty item by default. */
	items?: readonly INodeExecutionData[] | readonly IDataObject[];
	startNode?: string;
	mode?: WorkflowExecuteMode;
	/** As "Execute step" in the editor: run only what this node needs. */
	destinationNode?: string;
	pinData?: IPinData;
	/** Stops the execution, as the editor's stop button does. */
	signal?: AbortSignal;
	/** The same, by time in ms. */
	cancelAfter?: number;
	workflowId?: string;
}

export interface ExecutionRecord {
	executionId: string;
	workflowId: string;
	parentExecution?: RelatedExecution;
	status: ExecutionStatus;
	run?: IRun;
}

type JsonItem = IDataObject & { json?: never };

type NodeOperationErrorOptions = ConstructorParameters<typeof NodeOperationError>[2];

let executionCount = 0;

/** One execution of a workflow by n8n's real engine, in this process. */
export class RunningWorkflow {
	readonly executionId: string;

	/** Sub-workflows that this execution and its resumed parts have started. */
	readonly children: ExecutionRecord[];

	readonly finished: Promise<FinishedWorkflow>;

	private execution?: { cancel(): void };

	constructor(
		private readonly options: RunOptions,
		earlier?: FinishedWorkflow,
	) {
		this.executionId = earlier?.executionId ?? String(++executionCount);
		this.children = earlier?.children ?? [];
		this.finished = this.start(earlier);
	}

	/** Stops the execution, as the editor's stop button does. */
	cancel(): void {
		this.execution?.cancel();
	}

	private async start(earlier?: FinishedWorkflow): Promise<FinishedWorkflow> {
		const { options, executionId } = this;
		const mode = options.mode ?? 'trigger';
		const workflow = buildWorkflow(options, options.workflowId ?? 'workflow', options.nodeTypes);
		const seconds = options.settings?.executionTimeout ?? 0;
		const additionalData = buildAdditionalData({
			executionId,
			workflow,
			mode,
			options,
			records: this.children,
			deadline: seconds > 0 ? Date.now() + seconds * 1000 : undefined,
			resumed: earlier !== undefined,
		});
		const execute = new WorkflowExecute(
			additionalData,
			mode,
			earlier ? roundTrip(earlier.data) : initialData(workflow, options),
		);
		const execution =
			options.destinationNode && !earlier
				? execute.run({
						workflow,
						startNode: startNodeOf(workflow, options),
						destinationNode: { nodeName: options.destinationNode, mode: 'inclusive' },
						pinData: options.pinData,
						triggerToStartFrom: {
							name: startNodeOf(workflow, options).name,
							data: { data: { main: [itemsOf(options)] } } as unknown as ITaskData,
						},
					})
				: execute.processRunExecutionData(workflow);
		this.execution = execution;
		const stop = () => execution.cancel();
		const timers = [options.cancelAfter, seconds > 0 ? seconds * 1000 : undefined]
			.filter((ms) => ms !== undefined)
			.map((ms) => setTimeout(stop, ms));
		if (options.signal?.aborted) stop();
		options.signal?.addEventListener('abort', stop, { once: true });
		try {
			return new FinishedWorkflow(this, options, await execution);
		} finally {
			timers.forEach(clearTimeout);
			options.signal?.removeEventListener('abort', stop);
		}
	}
}

export class FinishedWorkflow {
	readonly executionId: string;

	readonly children: ExecutionRecord[];

	readonly status: ExecutionStatus;

	readonly data: IRunExecutionData;

	constructor(
		running: RunningWorkflow,
		private readonly options: RunOptions,
		run: IRun,
	) {
		this.executionId = running.executionId;
		this.children = running.children;
		this.status = run.status;
		this.data = run.data;
	}

	get runData(): IRunData {
		return this.data.resultData.runData;
	}

	get error() {
		return this.data.resultData.error;
	}

	get waitTill(): Date | undefined {
		return this.data.waitTill;
	}

	/** How often a node ran. */
	runCount(nodeName: string): number {
		return this.runData[nodeName]?.length ?? 0;
	}

	/** The items of one output over all runs of a node, or over its last run only. */
	output(nodeName: string, port: string | number = 0, lastRunOnly = false): INodeExecutionData[] {
		const index = typeof port === 'number' ? port : this.outputIndex(nodeName, port);
		const runs = this.runData[nodeName] ?? [];
		return (lastRunOnly ? runs.slice(-1) : runs).flatMap((run) => run.data?.main?.[index] ?? []);
	}

	lastOutput(nodeName: string, port: string | number = 0): INodeExecutionData[] {
		return this.output(nodeName, port, true);
	}

	/** The same as `output`, only the items' json. */
	json(nodeName: string, port: string | number = 0): IDataObject[] {
		return this.output(nodeName, port).map((item) => item.json);
	}

	/** Goes on after a wait, at once, through the same saving and loading as in n8n. */
	startResume(changes: Partial<RunOptions> = {}): RunningWorkflow {
		if (this.status !== 'waiting') throw new Error(`The execution is ${this.status}, not waiting`);
		return new RunningWorkflow({ ...this.options, ...changes }, this);
	}

	async resume(changes: Partial<RunOptions> = {}): Promise<FinishedWorkflow> {
		return await this.startResume(changes).finished;
	}

	/** Resumes until the execution has come to an end. */
	async resumeToEnd(limit = 50): Promise<FinishedWorkflow> {
		// eslint-disable-next-line @typescript-eslint/no-this-alias
		let current: FinishedWorkflow = this;
		for (let count = 0; current.status === 'waiting'; count++) {
			if (count === limit) throw new Error(`Still waiting after ${limit} waits`);
			current = await current.resume();
		}
		return current;
	}

	private outputIndex(nodeName: string, port: string): number {
		const { options } = this;
		const workflow = buildWorkflow(options, 'workflow', options.nodeTypes);
		const anywhere = startNodeOf(workflow, options).name;
		const [output] = Object.values(connect(workflow, [`${nodeName}.${port} -> ${anywhere}`]));
		return (output?.main?.length ?? 0) - 1;
	}
}

/** Starts a workflow and returns at once, for tests that stop it or watch it at work. */
export function startWorkflow(options: RunOptions): RunningWorkflow {
	return new RunningWorkflow(options);
}

/** Runs a workflow until it ends or waits. */
export async function runWorkflow(options: RunOptions): Promise<FinishedWorkflow> {
	return await startWorkflow(options).finished;
}

function nodeTypesOf(types: NodeTypesByName): INodeTypes {
	const find = (name: string) => {
		const type = types[name];
		if (!type) throw new Error(`No node type "${name}" was given to the harness`);
		return type;
	};
	return {
		getByName: find,
		getByNameAndVersion: (name, version) => NodeHelpers.getVersionedNodeType(find(name), version),
		getKnownTypes: () => ({}),
	};
}

function buildWorkflow(
	definition: WorkflowDefinition,
	id: string,
	types: NodeTypesByName,
): Workflow {
	const nodeTypes = nodeTypesOf(types);
	const nodes = roundTrip(definition.nodes).map((node, index): INode => ({
		id: `${id}-${index}`,
		typeVersion: 1,
		position: [index * 200, 0],
		parameters: {},
		...node,
	}));
	const build = (connections: IConnections) =>
		new Workflow({
			id,
			name: id,
			nodes,
			connections,
			active: true,
			nodeTypes,
			settings: { executionOrder: 'v1', ...definition.settings },
		});
	const { connections } = definition;
	return build(
		Array.isArray(connections)
			? connect(build({}), connections as readonly string[])
			: (connections as IConnections),
	);
}

function startNodeOf(
	workflow: Workflow,
	{ startNode, nodes }: WorkflowDefinition & { startNode?: string },
): INode {
	const trigger = nodes.find(({ type }) => /(executeWorkflow|manual)?Trigger$/i.test(type));
	const name = startNode ?? trigger?.name ?? nodes[0]?.name ?? '';
	const node = workflow.getNode(name);
	if (!node) throw new Error(`No node "${name}" to start from`);
	return node;
}

function itemsOf({ items = [{}] }: Pick<RunOptions, 'items'>): INodeExecutionData[] {
	return roundTrip(items).map((item) => (isItem(item) ? item : { json: item as IDataObject }));
}

function isItem(item: INodeExecutionData | JsonItem | IDataObject): item is INodeExecutionData {
	return typeof item.json === 'object' && item.json !== null;
}

function initialData(workflow: Workflow, options: RunOptions): IRunExecutionData {
	return createRunExecutionData({
		resultData: { pinData: options.pinData },
		executionData: {
			nodeExecutionStack: [
				{ node: startNodeOf(workflow, options), data: { main: [itemsOf(options)] }, source: null },
			],
		},
	});
}

interface ExecutionSetup {
	executionId: string;
	workflow: Workflow;
	mode: WorkflowExecuteMode;
	options: RunOptions;
	records: ExecutionRecord[];
	deadline?: number;
	resumed?: boolean;
}

function buildAdditionalData(setup: ExecutionSetup): IWorkflowExecuteAdditionalData {
	const { executionId, workflow, mode, options, records } = setup;
	const base = 'http://localhost:5678/';
	const additionalData: Partial<IWorkflowExecuteAdditionalData> = {
		executionId,
		restartExecutionId: setup.resumed ? executionId : undefined,
		hooks: new ExecutionLifecycleHooks(mode, executionId, {
			id: workflow.id,
			name: workflow.name ?? workflow.id,
			nodes: Object.values(workflow.nodes),
			connections: workflow.connectionsBySourceNode,
			active: true,
			activeVersionId: 'version',
			isArchived: false,
			createdAt: new Date(0),
			updatedAt: new Date(0),
		}),
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
	const executionId = String(++executionCount);
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
