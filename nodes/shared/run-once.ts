import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { EarlierOutcome } from '../../core/run-once';
import type { UnkeptFailure } from '../../core/ports';
import { passOn, type ItemPlace, type StepResults } from './step-outputs';

/** What is kept of a result: the items' json, and nothing else. */
export const resultOf = (items: readonly INodeExecutionData[]): IDataObject[] =>
	items.map(({ json }) => json);

/** Lets an item leave with what became of its work in an earlier call, marked as such under `runOnce`. */
export function leaveAsBefore(
	results: StepResults,
	order: number,
	original: INodeExecutionData,
	place: ItemPlace,
	outcome: EarlierOutcome,
): void {
	const runOnce = { replayed: true, ageMs: outcome.ageMs };
	if (outcome.kind === 'replay') {
		const items = (outcome.value as IDataObject[]).map((json) =>
			passOn({ json: { ...json, runOnce } }, place),
		);
		return results.succeed(order, items);
	}
	const { remedy, ...failure } = outcome.failure;
	const item = { ...original, json: { ...original.json, runOnce } };
	results.fail(order, item, place, { failure, attempts: 0, remedy });
}

/** Tells the user of a result that others will not be given. */
export const warnOfUnkept = (context: IExecuteFunctions, { message, remedy }: UnkeptFailure) =>
	context.addExecutionHints({
		message: `${message}. ${remedy}.`,
		location: 'outputPane',
		type: 'warning',
	});

/** The item with further fields for the protected work. */
export const withFields = (
	item: INodeExecutionData,
	fields: Readonly<Record<string, string | number>> | undefined,
): INodeExecutionData => (fields ? { ...item, json: { ...item.json, ...fields } } : item);
