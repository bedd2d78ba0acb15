import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Principal } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import { readParameters } from '../shared/parameters';
import { asNodeError, openStack, stackOptions, type Stack } from '../shared/stack';
import type { Operation } from './operation';
import { operations } from './operations';

/** Does for each item what the node's parameters say. */
export async function runOperations(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const stack = await openStack(context, readParameters(context, 0).options(stackOptions));
	const answers: INodeExecutionData[] = [];
	for (const item of context.getInputData().keys()) {
		try {
			const found = await runFor(context, stack, item);
			answers.push(...found.map((json) => ({ json, pairedItem: { item } })));
		} catch (error) {
			const told =
				error instanceof BulwarkError ? asNodeError(context.getNode(), error, item) : error;
			if (!context.continueOnFail()) throw told;
			answers.push({ json: failureOf(told as Error, error), pairedItem: { item } });
		}
	}
	return answers;
}

async function runFor(
	context: IExecuteFunctions,
	stack: Stack,
	item: number,
): Promise<readonly IDataObject[]> {
	const parameters = readParameters(context, item);
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const operation = operationFor(context);
	return await operation.run({ parameters, stack, who: principalOf(context), signal });
}

function operationFor(context: IExecuteFunctions): Operation {
	const [resource, value] = ['resource', 'operation'].map((name) =>
		context.getNodeParameter(name, 0),
	);
	const found = operations.find((one) => one.resource === resource && one.value === value);
	if (found) return found;
	throw readParameters(context, 0).invalid(
		'operation',
		value,
		'not an operation of its resource',
		'Choose one in the editor',
	);
}

/** Plans and audit logs name the workflow, not who has started it. */
function principalOf(context: IExecuteFunctions): Principal {
	const { id = 'unsaved', name = 'without a name' } = context.getWorkflow();
	return { name: `workflow "${name}" (${id})`, role: 'operator', via: 'workflow' };
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
