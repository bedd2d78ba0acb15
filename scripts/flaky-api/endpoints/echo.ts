import type { Endpoint } from '../endpoint.ts';

/** Answers with what it was sent. */
export const echo: Endpoint = {
	name: 'echo',
	summary: 'answers with the method, query, headers and body it was sent',
	parameters: {},
	handle(call) {
		const { method, key, callNumber, headers, body } = call;
		const query = call.parameters.all();
		return { status: 200, body: { ok: true, method, query, headers, body, key, call: callNumber } };
	},
};
