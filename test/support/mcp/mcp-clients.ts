import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What a user says who is asked to confirm something. */
export type UserAnswer = 'yes' | 'no' | 'not there';

/** What tests ask of a client, of whichever SDK. */
export interface TestClient {
	call(name: string, given?: Record<string, unknown>): Promise<ToolResult>;
	toolNames(): Promise<string[]>;
	close(): Promise<void>;
}

export interface ToolResult {
	readonly isError: boolean;
	readonly text: string;
	readonly structured: any;
}

const requestInit = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

const resultOf = (result: any): ToolResult => ({
	isError: result.isError === true,
	text: result.content.map(({ text }: { text: string }) => text).join('\n'),
	structured: result.structuredContent,
});

/** A client of the SDK's second version, which speaks 2026-07-28. */
export async function connectModern(
	url: string,
	token: string,
	user: UserAnswer = 'not there',
): Promise<TestClient> {
	const client = new Client(
		{ name: 'test', version: '1' },
		{
			capabilities: user === 'not there' ? {} : { elicitation: {} },
			versionNegotiation: { mode: { pin: '2026-07-28' } },
		},
	);
	if (user !== 'not there')
		client.setRequestHandler('elicitation/create', () => ({
			action: 'accept' as const,
			content: { apply: user === 'yes' },
		}));
	const transport = new StreamableHTTPClientTransport(new URL(url), {
		requestInit: requestInit(token),
	});
	await client.connect(transport);
	return {
		call: async (name, given = {}) => resultOf(await client.callTool({ name, arguments: given })),
		toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
		close: async () => await client.close(),
	};
}

/** A client of the SDK's first version, which speaks 2025-11-25. */
export async function connectFirst(url: string, token: string): Promise<TestClient> {
	const client = new FirstClient({ name: 'test', version: '1' });
	const transport = new FirstTransport(new URL(url), { requestInit: requestInit(token) });
	await client.connect(transport as never);
	return {
		call: async (name, given = {}) => resultOf(await client.callTool({ name, arguments: given })),
		toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
		close: async () => await client.close(),
	};
}
