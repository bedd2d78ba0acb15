import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import type { Principal } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import { quoted } from '../../core/one-line';
import { SourceUnavailableError } from '../../core/stack';
import { readParameters } from '../shared/parameters';
import { asNodeError, openStack, parameterFor, stackOptions, type Stack } from '../shared/stack';
import type { Operation } from './operation';
import { operations } from './operations';

/** Does for each item what the node's parameters say. */
export async function runOperations(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const answers: INodeExecutionData[] = [];
	let stack: Stack | undefined;
	for (const item of context.getInputData().keys()) {
		try {
			// What says whom to ask takes no expressions, so it is the same for all items.
			stack ??= await openStack(context, readParameters(context, item).options(stackOptions), item);
			const found = await runFor(context, stack, item);
			answers.push(...found.map((json) => ({ json, pairedItem: { item } })));
		} catch (error) {
			const told = nodeErrorOf(context, error, item, stack);
			if (!context.continueOnFail()) throw told;
			answers.push({ json: failureOf(told, error), pairedItem: { item } });
		}
	}
	return answers;
}

/** What fails for an item names the item, and what fails for want of a source the parameter that names it. */
function nodeErrorOf(
	context: IExecuteFunctions,
	error: unknown,
	item: number,
	stack: Stack | undefined,
): Error {
	if (error instanceof NodeOperationError) return error;
	const { message, remedy } = error as Error & { readonly remedy?: string };
	const choose =
		stack && error instanceof SourceUnavailableError
			? parameterFor(error.source, stack.sources)
			: undefined;
	return asNodeError(context.getNode(), { message, remedy: choose ?? remedy }, item);
}

async function runFor(
	context: IExecuteFunctions,
	stack: Stack,
	item: number,
): Promise<readonly IDataObject[]> {
	const parameters = readParameters(context, item);
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const operation = operationFor(context, item);
	return await operation.run({ parameters, stack, who: principalOf(context), signal });
}

function operationFor(context: IExecuteFunctions, item: number): Operation {
	const [resource, value] = ['resource', 'operation'].map((name) =>
		context.getNodeParameter(name, item),
	);
	const found = operations.find((one) => one.resource === resource && one.value === value);
	if (found) return found;
	throw readParameters(context, item).invalid(
		'operation',
		value,
		'not an operation of its resource',
		'Choose one in the editor',
	);
}

/** Plans and audit logs name the workflow, not who has started it. */
function principalOf(context: IExecuteFunctions): Principal {
	const { id = 'unsaved', name = 'without a name' } = context.getWorkflow();
	return { name: `workflow ${quoted(name)} (${id})`, role: 'operator', via: 'workflow' };
}

/** By these names n8n knows an error, and sends it to the error output where there is one. */
function failureOf(told: Error & { description?: string | null }, cause: unknown): IDataObject {
	const { message, description } = told;
	const code = cause instanceof BulwarkError ? cause.code : undefined;
	return {
		error: message,
		details: { ...(code && { code }), ...(description && { remedy: description }) },
	};
}
