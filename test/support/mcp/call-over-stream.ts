import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';

import { systemClock } from '../../../adapters/system';
import { createServer } from '../../../mcp-server/server/create-server';
import { Redactor } from '../../../mcp-server/server/redactor';
import type { ToolHost } from '../../../mcp-server/server/tool-host';
import type { Tool } from '../../../mcp-server/tool';

interface StreamCall {
	/** What the client says of how its user can be asked. */
	readonly elicitation?: { url?: object };
	/** Answers what the server asks of the client. */
	readonly answer: (question: { readonly message: string }) => Promise<unknown>;
	/** Is told how far the tool is. */
	readonly onProgress?: (progress: { readonly message?: string }) => void;
	/** Longest wait for the tool, in ms. */
	readonly timeoutMs?: number;
	/** Texts that must not leave the server. */
	readonly secrets?: readonly string[];
	/** Cancels the call. */
	readonly signal?: AbortSignal;
	/** Is told what the audit log is. */
	readonly audit?: ToolHost<object>['audit'];
	/** Is told what the log of the server is. */
	readonly onError?: (error: Error) => void;
}

/** Calls a tool, which needs nothing, over one stream, as standard input and output are. @returns what the client got */
export async function callOverStream(
	tool: Tool<object>,
	{
		elicitation = {},
		answer,
		onProgress: onprogress,
		timeoutMs,
		secrets = [],
		signal,
		audit = () => Promise.resolve(),
		onError = () => undefined,
	}: StreamCall,
): Promise<any> {
	const host = {
		services: {},
		redactor: new Redactor(secrets),
		clock: systemClock,
		confirmation: 'required' as const,
		audit,
		onError,
	};
	const who = { name: 'alice', role: 'viewer', via: 'stdio' } as const;
	const offers = { tools: [tool], resources: [], prompts: [] };
	const server = createServer(offers, host, { who, era: 'legacy' });
	const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation } });
	// A handler of its own would refuse to send what does not fit.
	client.fallbackRequestHandler = async ({ params }) =>
		(await answer(params as { message: string })) as Record<string, unknown>;
	const [there, here] = InMemoryTransport.createLinkedPair();
	await Promise.all([server.connect(there as never), client.connect(here)]);
	const asked = { name: tool.name, arguments: {} };
	const result = await client.callTool(asked, undefined, {
		timeout: timeoutMs,
		onprogress,
		signal,
	});
	await client.close();
	return result;
}
