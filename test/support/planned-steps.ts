import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
} from 'n8n-workflow';

import { bulkheadStep } from '../../nodes/Bulkhead/bulkhead-step';
import { circuitBreakerStep } from '../../nodes/CircuitBreaker/circuit-breaker-step';
import { fallbackStep } from '../../nodes/Fallback/fallback-step';
import { rateLimiterStep } from '../../nodes/RateLimiter/rate-limiter-step';
import { resiliencePipelineStep } from '../../nodes/ResiliencePipeline/resilience-pipeline-step';
import * as runtime from '../../nodes/runtime';
import { retryStep } from '../../nodes/Retry/retry-step';
import { runOnceStep } from '../../nodes/RunOnce/run-once-step';
import { readParameters } from '../../nodes/shared/parameters';
import type { Step, StepPlan } from '../../nodes/shared/step';
import { timeoutStep } from '../../nodes/Timeout/timeout-step';
import { runWorkflow } from './workflow-harness';

export const steps: readonly Step[] = [
	retryStep,
	circuitBreakerStep,
	rateLimiterStep,
	bulkheadStep,
	timeoutStep,
	fallbackStep,
	runOnceStep,
	resiliencePipelineStep,
];

export const nodeTypes: readonly INodeType[] = Object.values(runtime).map((Node) => new Node());

export const nodeTypeOf = ({ name }: Step): INodeType =>
	nodeTypes.find(({ description }) => description.name === name)!;

/** What a step makes of its parameters for one item. */
export type Planned = { plan: StepPlan; error?: undefined } | { plan?: undefined; error: Error };

/** Reads a step's parameters for each item, within a real execution, without running the step. */
export async function planAll(
	step: Step,
	parameters: INodeParameters,
	items: IDataObject[] = [{}],
): Promise<Planned[]> {
	const planned: Planned[] = [];
	const type: INodeType = {
		description: nodeTypeOf(step).description,
		async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
			this.getInputData().forEach((_, index) => {
				try {
					planned.push({ plan: step.plan(readParameters(this, index)) });
				} catch (error) {
					planned.push({ error: error as Error });
				}
			});
			return [[]];
		},
	};
	const run = await runWorkflow({
		nodes: [{ name: 'Step', type: 'step', parameters }],
		connections: [],
		nodeTypes: { step: type },
		items: items.map((json) => ({ json })),
	});
	if (run.error) throw run.error;
	return planned;
}

/** The plan for a single item. */
export async function planOne(
	step: Step,
	parameters: INodeParameters = {},
	item: IDataObject = {},
): Promise<StepPlan> {
	const [planned] = await planAll(step, parameters, [item]);
	if (planned?.plan) return planned.plan;
	throw planned?.error ?? new Error('The step was not run');
}

/** The error that a single item's parameters cause. */
export async function planError(
	step: Step,
	parameters: INodeParameters,
	item: IDataObject = {},
): Promise<NodeOperationError> {
	const [planned] = await planAll(step, parameters, [item]);
	if (planned?.error instanceof NodeOperationError) return planned.error;
	throw new Error('The parameters were accepted', { cause: planned });
}
