import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** What a user says who is asked to confirm something. */
export type UserAnswer = 'yes' | 'no' | 'not there';

/** What tests ask of a client, of whichever SDK. */
export interface TestClient {
	call(name: string, given?: Record<string, unknown>): Promise<ToolResult>;
	/** With their schemas. */
	tools(): Promise<readonly ListedTool[]>;
	/** Addresses of resources, and templates of such. */
	resourceUris(): Promise<{ readonly fixed: string[]; readonly templates: string[] }>;
	read(uri: string): Promise<string>;
	promptNames(): Promise<string[]>;
	prompt(name: string, given?: Record<string, string>): Promise<string>;
	/** What an argument of a prompt, or a variable of a template, can be. */
	complete(
		of: { readonly prompt: string } | { readonly template: string },
		argument: { readonly name: string; readonly value: string },
		others?: Record<string, string>,
	): Promise<string[]>;
	close(): Promise<void>;
}

export interface ListedTool {
	readonly name: string;
	readonly inputSchema: any;
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

/** Both versions have the same methods. */
type EitherClient = Client | FirstClient;

const testClientOf = (client: EitherClient): TestClient => {
	// What differs between the two is nothing that is used here.
	const any = client as any;
	return {
		call: async (name, given = {}) => resultOf(await any.callTool({ name, arguments: given })),
		tools: async () => (await any.listTools()).tools,
		resourceUris: async () => ({
			fixed: (await any.listResources()).resources.map(({ uri }: any) => uri),
			templates: (await any.listResourceTemplates()).resourceTemplates.map(
				({ uriTemplate }: any) => uriTemplate,
			),
		}),
		read: async (uri) => (await any.readResource({ uri })).contents[0].text,
		promptNames: async () => (await any.listPrompts()).prompts.map(({ name }: any) => name),
		prompt: async (name, given = {}) =>
			(await any.getPrompt({ name, arguments: given })).messages[0].content.text,
		complete: async (of, argument, others = {}) => {
			const ref =
				'prompt' in of
					? { type: 'ref/prompt', name: of.prompt }
					: { type: 'ref/resource', uri: of.template };
			const context = { arguments: others };
			return (await any.complete({ ref, argument, context })).completion.values;
		},
		close: async () => await client.close(),
	};
};

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
	return testClientOf(client);
}

/** A client of the SDK's first version, which speaks 2025-11-25. */
export async function connectFirst(
	url: string,
	token: string,
	user: UserAnswer = 'not there',
): Promise<TestClient> {
	const client = new FirstClient(
		{ name: 'test', version: '1' },
		{ capabilities: user === 'not there' ? {} : { elicitation: {} } },
	);
	if (user !== 'not there')
		client.setRequestHandler(ElicitRequestSchema, () => ({
			action: 'accept' as const,
			content: { apply: user === 'yes' },
		}));
	const transport = new FirstTransport(new URL(url), { requestInit: requestInit(token) });
	await client.connect(transport as never);
	return testClientOf(client);
}
