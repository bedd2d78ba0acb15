import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../../core/failure';
import { resolveFallback, type Alternative } from '../../core/policies/fallback';
import { runSubWorkflow } from './n8n/run-sub-workflow';
import type { Services } from './services';
import type { FallbackAlternative, FallbackPlan } from './step';
import { passOn, type ItemPlace } from './step-outputs';

/** Remembers a good result, where the plan wants it. */
export async function rememberResult(
	{ results }: Services,
	plan: FallbackPlan | undefined,
	items: readonly INodeExecutionData[],
): Promise<void> {
	if (!plan?.remember || items.length === 0) return;
	await results.set(
		plan.remember.key,
		items.map(({ json }) => json),
		plan.remember.ttlMs,
	);
}

/**
 * What stands in for a call that failed, marked as such under `fallback`.
 * @returns undefined when the cascade has nothing.
 */
export async function standIn(
	context: IExecuteFunctions,
	{ results }: Services,
	plan: FallbackPlan | undefined,
	failure: Failure,
	original: INodeExecutionData,
	place: ItemPlace,
): Promise<INodeExecutionData[] | undefined> {
	if (!plan) return undefined;
	const cascade = plan.cascade.map((alternative) => bind(context, alternative, original, place));
	const result = await resolveFallback(cascade, failure, results);
	if (!result) return undefined;

	const { value, source, index, ageMs } = result;
	const { message, code, statusCode } = failure;
	const fallback = { source, alternative: index + 1, ageMs, message, code, statusCode };
	const known = Object.fromEntries(
		Object.entries(fallback).filter(([, entry]) => entry !== undefined),
	) as IDataObject;
	const values = source === 'static' ? [value] : (value as unknown[]);
	return values.map((entry) => passOn({ json: { ...asJson(entry), fallback: known } }, place));
}

function bind(
	context: IExecuteFunctions,
	alternative: FallbackAlternative,
	original: INodeExecutionData,
	place: ItemPlace,
): Alternative {
	if (alternative.type !== 'sub-workflow') return alternative;
	const { workflowId } = alternative;
	return {
		type: 'dynamic',
		produce: async () =>
			(await runSubWorkflow(context, workflowId, original, place)).map(({ json }) => json),
	};
}

const asJson = (value: unknown): IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as IDataObject)
		: { value: value as IDataObject['value'] };
