import { NodeApiError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';

import { failureOfError, failureOfItem } from '../../nodes/shared/n8n/item-failure';

const node: INode = {
	id: '1',
	name: 'Call',
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.2,
	position: [0, 0],
	parameters: {},
};

/** What the request library throws, as n8n keeps it. */
const thrown: JsonObject = {
	message: 'Request failed with status code 503',
	name: 'AxiosError',
	code: 'ERR_BAD_RESPONSE',
	response: { status: 503, headers: { 'Retry-After': '3' } },
};

describe('failureOfError', () => {
	it('reads status, code and Retry-After off an error of the HTTP Request node', () => {
		expect(failureOfError(new NodeApiError(node, thrown))).toMatchObject({
			name: 'NodeApiError',
			code: 'ERR_BAD_RESPONSE',
			statusCode: 503,
			retryAfter: '3',
		});
	});

	it('reads them off the error by which n8n reports a failed sub-workflow', () => {
		const request = Object.assign(new Error(), thrown);
		// The headers are lost here: what a node error wraps, n8n does not store.
		expect(failureOfError(reportedBySubWorkflow(new NodeApiError(node, request)))).toMatchObject({
			message: 'Request failed with status code 503',
			statusCode: 503,
			retryAfter: undefined,
		});
	});

	it('reads what the sub-workflow itself says in a Stop and Error', () => {
		const metadata = { message: 'busy', statusCode: 429, headers: { 'Retry-After': 7 } };
		const stopped = new NodeOperationError(node, 'busy', { metadata } as object);
		expect(failureOfError(reportedBySubWorkflow(stopped))).toMatchObject({
			message: 'busy',
			statusCode: 429,
			retryAfter: '7',
		});
	});

	it('falls back on the text', () => {
		expect(failureOfError('Request failed with status code 429').statusCode).toBe(429);
		expect(failureOfError(new Error('Request failed with status code 429')).statusCode).toBe(429);
	});

	it('survives errors that wrap themselves', () => {
		const circle: Record<string, unknown> = { message: 'round' };
		circle.cause = circle;
		expect(failureOfError(circle)).toMatchObject({ message: 'round', statusCode: undefined });
	});

	it.each([undefined, null, 0, {}, [], Object.create(null)])('survives %p', (error) => {
		expect(typeof failureOfError(error).message).toBe('string');
	});
});

/** As n8n stores the error of an execution, and as its object-to-error.js hands it to the node that called. */
function reportedBySubWorkflow(error: Error): Error {
	const stored = { ...error, message: error.message, stack: error.stack } as unknown as JsonObject;
	return new NodeOperationError(node, stored as unknown as Error, stored);
}

describe('failureOfItem', () => {
	it('reads Retry-After off the headers of a full response', () => {
		const item = { json: { error: { message: 'no', status: 429 }, headers: { 'retry-after': 7 } } };
		expect(failureOfItem(item, undefined)).toMatchObject({ statusCode: 429, retryAfter: '7' });
	});
});
