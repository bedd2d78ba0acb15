import {
	CLIENT_CAPABILITIES_META_KEY,
	CLIENT_INFO_META_KEY,
	PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';

const VERSION = '2026-07-28';

/**
 * Calls a tool as a client of 2026-07-28 that can ask its user, with answers to questions that it makes up.
 * @returns the result, which may be the question.
 */
export async function callModern(
	url: string,
	token: string,
	name: string,
	given: object,
	inputResponses: object,
): Promise<any> {
	const response = await fetch(url, {
		method: 'POST',
		headers: {
			authorization: `Bearer ${token}`,
			accept: 'application/json, text/event-stream',
			'content-type': 'application/json',
			'mcp-protocol-version': VERSION,
			'mcp-method': 'tools/call',
			'mcp-name': name,
		},
		body: JSON.stringify({
			jsonrpc: '2.0',
			id: 1,
			method: 'tools/call',
			params: {
				name,
				arguments: given,
				inputResponses,
				_meta: {
					[PROTOCOL_VERSION_META_KEY]: VERSION,
					[CLIENT_INFO_META_KEY]: { name: 'test', version: '1' },
					[CLIENT_CAPABILITIES_META_KEY]: { elicitation: { form: {} } },
				},
			},
		}),
	});
	const text = await response.text();
	const message = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as { result?: unknown };
	if (!message.result) throw new Error(text);
	return message.result;
}
