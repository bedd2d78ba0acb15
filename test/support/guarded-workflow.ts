import type { IDataObject, INodeParameters, INodeType } from 'n8n-workflow';

import { Bulkhead } from '../../nodes/Bulkhead/Bulkhead.node';
import { CircuitBreaker } from '../../nodes/CircuitBreaker/CircuitBreaker.node';
import { Fallback } from '../../nodes/Fallback/Fallback.node';
import { RateLimiter } from '../../nodes/RateLimiter/RateLimiter.node';
import { ResiliencePipeline } from '../../nodes/ResiliencePipeline/ResiliencePipeline.node';
import { Retry } from '../../nodes/Retry/Retry.node';
import { RunOnce } from '../../nodes/RunOnce/RunOnce.node';
import { Timeout } from '../../nodes/Timeout/Timeout.node';
import { probe, start } from './test-nodes';
import type { FinishedWorkflow, NodeTypesByName, RunOptions } from './workflow-harness';

export const stepTypes = {
	retry: new Retry(),
	circuitBreaker: new CircuitBreaker(),
	rateLimiter: new RateLimiter(),
	bulkhead: new Bulkhead(),
	timeout: new Timeout(),
	fallback: new Fallback(),
	runOnce: new RunOnce(),
	resiliencePipeline: new ResiliencePipeline(),
};

export type StepType = keyof typeof stepTypes;

type Nodes = RunOptions['nodes'];

/** A step around nodes between; what is left out is one node `Call` with its success and error wired back. */
export interface Guarded extends Omit<RunOptions, 'nodes' | 'connections' | 'nodeTypes'> {
	step: StepType;
	parameters?: INodeParameters;
	/** What `Call` does. */
	call?: INodeType;
	/** More settings of the step's node, such as `onError`. */
	stepNode?: Partial<Nodes[number]>;
	/** Protected nodes in place of `Call`, with their wires; `Step.Call`, `Step.Succeeded`, `Step.Failed` are there. */
	nodes?: Nodes;
	wires?: readonly string[];
	nodeTypes?: NodeTypesByName;
	/** Outputs of the step that lead nowhere. */
	unwired?: ReadonlyArray<'Success' | 'Failed' | 'Rejected'>;
}

/** `{{ $('Start').item }}` as a node after the step sees it. */
const origin = { value: "={{ $('Start').item.json.id }}" };

/** Where items of a step end up; each probes which item of Start n8n says it came from. */
const ENDS = { Good: 'Success', Bad: 'Failed', Rejected: 'Rejected' } as const;

let workflows = 0;

/** Steps without a shared name keep their state by workflow, so each workflow is one of its own. */
export const newWorkflowId = (): string => `workflow-${++workflows}`;

export const endNodes: Nodes = Object.keys(ENDS).map((name) => ({
	name,
	type: 'probe',
	parameters: origin,
}));

export const endWires = (step: string, unwired: readonly string[] = []): string[] =>
	Object.entries(ENDS)
		.filter(([, output]) => !unwired.includes(output))
		.map(([end, output]) => `${step}.${output} -> ${end}`);

/** A workflow Start -> Step (around `Call`) -> Good, Bad and Rejected. */
export function guarded(options: Guarded): RunOptions {
	const { step, parameters, call, stepNode, nodes, wires, nodeTypes, unwired, ...rest } = options;
	return {
		workflowId: newWorkflowId(),
		...rest,
		nodes: [
			{ name: 'Start', type: 'start' },
			{ name: 'Step', type: step, parameters, ...stepNode },
			...(nodes ?? [{ name: 'Call', type: 'call', onError: 'continueErrorOutput' }]),
			...endNodes,
		],
		connections: [
			'Start -> Step.Items',
			...(wires ?? [
				'Step.Call -> Call',
				'Call.Success -> Step.Succeeded',
				'Call.Error -> Step.Failed',
			]),
			...endWires('Step', unwired),
		],
		nodeTypes: {
			...stepTypes,
			start: start(),
			probe: probe(),
			call: call ?? start(),
			...nodeTypes,
		},
	};
}

/** A step around the sub-workflow `child`: Begin -> Work. */
export function guardedChild(options: Omit<Guarded, 'wires' | 'nodes'>): RunOptions {
	const { step, parameters, call, stepNode, nodeTypes, unwired, ...rest } = options;
	return {
		workflowId: newWorkflowId(),
		subWorkflows: {
			child: {
				nodes: [
					{ name: 'Begin', type: 'start' },
					{ name: 'Work', type: 'call' },
				],
				connections: ['Begin -> Work'],
			},
		},
		...rest,
		nodes: [
			{ name: 'Start', type: 'start' },
			{
				name: 'Step',
				type: step,
				parameters: { mode: 'subWorkflow', workflowId: childId('child'), ...parameters },
				...stepNode,
			},
			...endNodes,
		],
		connections: ['Start -> Step.Items', ...endWires('Step', unwired)],
		nodeTypes: {
			...stepTypes,
			start: start(),
			probe: probe(),
			call: call ?? start(),
			...nodeTypes,
		},
	};
}

/** A workflow as n8n's selector stores the choice of it. */
export const childId = (value: string): INodeParameters => ({ __rl: true, mode: 'id', value });

/** Ids of the items that reached an end, each checked to be paired with the item of Start it really is. */
export function idsAt(run: FinishedWorkflow, end: keyof typeof ENDS): unknown[] {
	return run.json(end).map(({ id, probed }) => {
		if (probed !== id) throw new Error(`Item ${String(id)} is paired with ${String(probed)}`);
		return id;
	});
}

/** Ids by end, in the order in which they came. */
export const ends = (run: FinishedWorkflow) => ({
	good: idsAt(run, 'Good'),
	bad: idsAt(run, 'Bad'),
	rejected: idsAt(run, 'Rejected'),
});

/** Ids by end, sorted: for tests in which the order says nothing. */
export const sortedEnds = (run: FinishedWorkflow) =>
	Object.fromEntries(
		Object.entries(ends(run)).map(([end, ids]) => [end, ids.map(Number).sort((a, b) => a - b)]),
	) as Record<'good' | 'bad' | 'rejected', number[]>;

/** The failed item's `error`, as the step wrote it. */
export const errorsAt = (run: FinishedWorkflow, end: 'Bad' | 'Rejected'): IDataObject[] =>
	run.json(end).map(({ error }) => error as IDataObject);

export const items = (count: number): IDataObject[] =>
	Array.from({ length: count }, (_, index) => ({ id: index + 1 }));
