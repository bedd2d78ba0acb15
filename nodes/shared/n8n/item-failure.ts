import type { INodeExecutionData } from 'n8n-workflow';

import { describeFailure, isStatusCode, type Failure } from '../../../core/failure';

type Loose = Record<string, unknown>;

/**
 * Reads why an item failed, from wherever n8n and its nodes leave it: the item's own `error`, its json's `error`
 * (an object or a text), or the error of the whole run.
 */
export function failureOfItem(item: INodeExecutionData | undefined, runError: unknown): Failure {
	const json = item?.json as Loose | undefined;
	const error = item?.error ?? json?.error ?? runError;
	if (error === undefined || error === null) {
		return { message: 'The protected nodes reported a failure without saying why' };
	}
	return failureOfError(error, headerOf(json?.headers));
}

/** Reads an error thrown or left behind by an n8n node. */
export function failureOfError(error: unknown, retryAfter?: string): Failure {
	if (typeof error === 'string') {
		return { message: error, statusCode: statusInText(error), retryAfter };
	}
	const plain = describeFailure(error);
	const layers = layersOf(error);
	return {
		...plain,
		message: plain.message || 'Unknown error',
		code: plain.code ?? first(layers, ({ code }) => (typeof code === 'string' ? code : undefined)),
		statusCode: first(layers, statusOf) ?? plain.statusCode ?? statusInText(plain.message),
		retryAfter: retryAfter ?? first(layers, retryAfterOf),
	};
}

/** How many errors are looked at that are wrapped in each other. */
const DEEPEST_LAYER = 5;

/**
 * An error and those wrapped in it. n8n reports a sub-workflow's error by one of its own, whose `errorResponse` is
 * what is enumerable of the error of the node that failed: of a failed request its status, but none of its headers.
 * A "Stop and Error" node in the sub-workflow can say them: n8n keeps its error object as `context.metadata`.
 */
function layersOf(error: unknown): Loose[] {
	const layers: Loose[] = [];
	let layer = error;
	while (typeof layer === 'object' && layer !== null && layers.length < DEEPEST_LAYER) {
		const { errorResponse, cause, context }: Loose = layer as Loose;
		layers.push(layer as Loose);
		const { metadata } = asLoose(context);
		if (metadata) layers.push(asLoose(metadata));
		layer = errorResponse ?? cause;
	}
	return layers;
}

function first<T>(layers: readonly Loose[], read: (layer: Loose) => T | undefined): T | undefined {
	for (const layer of layers) {
		const found = read(layer);
		if (found !== undefined) return found;
	}
	return undefined;
}

const asLoose = (value: unknown): Loose =>
	typeof value === 'object' && value !== null ? (value as Loose) : {};

const statusOf = ({ httpCode, statusCode, response }: Loose): number | undefined =>
	[httpCode, statusCode, asLoose(response).status].map(Number).find(isStatusCode);

const retryAfterOf = ({ headers, response, context }: Loose): string | undefined =>
	first([{ headers }, asLoose(response), asLoose(context)], (layer) => headerOf(layer.headers));

/** Some errors have their status only in the text, as n8n writes it: "Request failed with status code 503". */
function statusInText(message: string): number | undefined {
	const found =
		/\bstatus code (\d{3})\b/.exec(message.slice(0, 1_000)) ?? /^(\d{3}) - /.exec(message);
	return found ? Number(found[1]) : undefined;
}

function headerOf(headers: unknown): string | undefined {
	if (typeof headers !== 'object' || headers === null) return undefined;
	for (const [name, value] of Object.entries(headers)) {
		if (
			name.toLowerCase() === 'retry-after' &&
			(typeof value === 'string' || typeof value === 'number')
		)
			return String(value);
	}
	return undefined;
}
