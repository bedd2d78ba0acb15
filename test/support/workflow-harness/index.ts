import '../n8n-environment';

import { WorkflowExecute } from 'n8n-core';
import type {
	ExecutionStatus,
	IDataObject,
	INodeExecutionData,
	IRun,
	IRunData,
	IRunExecutionData,
	ITaskData,
} from 'n8n-workflow';

import { roundTrip } from '../round-trip';
import { connect } from '../wiring';
import { buildWorkflow, initialData, itemsOf, startNodeOf } from './build-workflow';
import type { ExecutionRecord, RunOptions } from './definition';
import { buildAdditionalData, newExecutionId } from './n8n-services';

export type * from './definition';
export { startTrigger, type RunningTrigger } from './start-trigger';

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
		this.executionId = earlier?.executionId ?? newExecutionId();
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
	async resumeToEnd(mostWaits = 50): Promise<FinishedWorkflow> {
		if (this.status !== 'waiting') return this;
		if (mostWaits === 0) throw new Error('Still waiting, however often it was resumed');
		return await (await this.resume()).resumeToEnd(mostWaits - 1);
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
