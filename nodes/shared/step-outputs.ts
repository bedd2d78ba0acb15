import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type ISourceData,
} from 'n8n-workflow';

import type { BulwarkError, RejectedError } from '../../core/errors';
import type { Failure } from '../../core/failure';
import { isOutputConnected, type Internals } from './internals';

/** Where an item of the step stands among its inputs. */
export interface ItemPlace {
	readonly item: number;
	readonly input: number;
	/** Where it came from, if that is not where this run's input of that number came from. */
	readonly sourceOverwrite?: ISourceData;
}

/** How a call ended that did not succeed, in the words that go into the item. */
export interface FailureReport {
	readonly failure: Failure;
	readonly attempts: number;
	/** Why it was not tried again. */
	readonly gaveUp?: string;
	/** What to do about it, where Bulwark knows. */
	readonly remedy?: string;
}

/** The outputs by which items leave a step for good. */
type FinalOutput = 'success' | 'failed' | 'rejected';

/** An item that leaves a step for good. */
export interface Result {
	readonly output: FinalOutput;
	/** Place in line of the item that it came of. */
	readonly order: number;
	readonly item: INodeExecutionData;
}

/** Collects what leaves a step for good, with every item paired to the one it came from. */
export class StepResults {
	private results: Result[] = [];

	get isEmpty(): boolean {
		return this.results.length === 0;
	}

	add(results: readonly Result[]): void {
		this.results = this.results.concat(results);
	}

	succeed(order: number, items: readonly INodeExecutionData[]): void {
		for (const item of items) this.results.push({ output: 'success', order, item });
	}

	fail(order: number, original: INodeExecutionData, place: ItemPlace, report: FailureReport): void {
		const { failure, ...rest } = report;
		const { message, name, code, statusCode } = failure;
		const item = withError(original, place, { message, name, code, statusCode, ...rest });
		this.results.push({ output: 'failed', order, item });
	}

	reject(
		order: number,
		original: INodeExecutionData,
		place: ItemPlace,
		error: RejectedError,
	): void {
		const { message, code, policy, key, remedy } = error;
		const retryAfterMs = Number.isFinite(error.retryAfterMs)
			? Math.ceil(error.retryAfterMs)
			: undefined;
		const item = withError(original, place, { message, code, policy, key, retryAfterMs, remedy });
		this.results.push({ output: 'rejected', order, item });
	}

	/** The failed item that came in first. */
	get firstFailed(): INodeExecutionData | undefined {
		const failed = this.results.filter(({ output }) => output === 'failed');
		return failed.sort(byOrder)[0]?.item;
	}

	/** What would leave by one output leaves by another. */
	redirect(from: FinalOutput, to: FinalOutput): void {
		this.results = this.results.map((result) =>
			result.output === from ? { ...result, output: to } : result,
		);
	}

	/** Takes out all that was collected, in the order in which the items came in. */
	takeAll(): Result[] {
		// Keeps the order of what came of the same item.
		return this.results.splice(0).sort(byOrder);
	}

	/** The items of the outputs Success, Failed and Rejected, each in the order in which the items came in. */
	takeOutputs(): INodeExecutionData[][] {
		const all = this.takeAll();
		return (['success', 'failed', 'rejected'] as const).map((name) =>
			all.flatMap(({ output, item }) => (output === name ? [item] : [])),
		);
	}
}

const byOrder = (one: Result, other: Result): number => one.order - other.order;

/** What a setting that cannot be used says of an item: no call was made for it. */
export const reportOfSetting = ({
	message,
	name,
	description,
}: NodeOperationError): FailureReport => ({
	failure: { message, name },
	attempts: 0,
	remedy: description ?? undefined,
});

/** What an error of Bulwark's own says as a failure. */
export const failureOf = ({ message, name, code }: BulwarkError): Failure => ({
	message,
	name,
	code,
});

/**
 * An item that leaves the step as it came. n8n turns an item with an `error` of its own into nothing but that
 * error's message, so it is left out.
 */
export const passOn = (
	{ json, binary }: INodeExecutionData,
	place: ItemPlace,
): INodeExecutionData => ({
	json,
	...(binary && { binary }),
	pairedItem: { ...place },
});

/** What arrived at an input; nothing where nothing did. */
export function itemsAt(context: IExecuteFunctions, input: number): INodeExecutionData[] {
	try {
		return context.getInputData(input) ?? [];
	} catch {
		// n8n throws for an input that nothing reached.
		return [];
	}
}

/**
 * Nothing may get lost: rejected items leave as failed where only that output is wired. Where neither is, the step
 * fails, as any other n8n node would, or if the user told it to go on, they leave with their error by `Success`.
 * @param firstOutput - number of the `Success` output.
 */
export function guardUnwiredOutputs(
	context: IExecuteFunctions,
	results: StepResults,
	firstOutput: number,
): void {
	const { name } = context.getNode();
	// Every n8n has this one, also those that the step refuses.
	const wires = context as unknown as Pick<Internals, 'workflow'>;
	const isWired = (place: number) => isOutputConnected(wires, name, firstOutput + place);
	if (!isWired(2)) results.redirect('rejected', 'failed');
	const lost = isWired(1) ? undefined : results.firstFailed;
	if (!lost) return;
	if (context.continueOnFail()) return results.redirect('failed', 'success');
	const { message, remedy } = lost.json.error as IDataObject;
	const { item } = lost.pairedItem as ItemPlace;
	throw new NodeOperationError(context.getNode(), String(message), {
		itemIndex: item,
		description: `${remedy ? `${String(remedy)}. ` : ''}Wire the Failed output to go on after failures.`,
	});
}

function withError(
	original: INodeExecutionData,
	place: ItemPlace,
	error: object,
): INodeExecutionData {
	const known = Object.fromEntries(
		Object.entries(error).filter(([, value]) => value !== undefined && value !== ''),
	);
	return passOn({ ...original, json: { ...original.json, error: known as IDataObject } }, place);
}
