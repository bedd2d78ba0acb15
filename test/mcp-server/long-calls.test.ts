import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';

import { sha256, systemClock } from '../../adapters/system';
import { FailedLogins } from '../../mcp-server/auth/failed-logins';
import { configSchema } from '../../mcp-server/config/config-schema';
import { createServer } from '../../mcp-server/server/create-server';
import { Redactor } from '../../mcp-server/server/redactor';
import type { ToolHost } from '../../mcp-server/server/tool-host';
import { defineTool } from '../../mcp-server/tool';
import { startHttpServer, type HttpServer } from '../../mcp-server/transports/http-server';
import { RequestLimiter } from '../../mcp-server/request-limiter';
import { freePort } from '../support/free-port';
import { until } from '../support/until';

const STEPS = 5;

/** Where each call of the tool is, by a name of the test's. */
const calls = new Map<string, 'runs' | 'cancelled'>();

/** Tells how far it is, and then ends, or runs until it is cancelled. */
const long = defineTool({
	name: 'long',
	title: 'Long',
	description: 'Takes its time.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({ call: z.string(), isEndless: z.boolean().default(false) }),
	output: z.object({ steps: z.int() }),
	async run({ call, isEndless }, { signal, onProgress }) {
		calls.set(call, 'runs');
		for (let done = 1; done <= STEPS; done++) onProgress(done, STEPS, `step ${done}`);
		if (isEndless) {
			await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
			calls.set(call, 'cancelled');
		}
		return { output: { steps: STEPS }, text: 'Done.' };
	},
});

const offers = { tools: [long], resources: [], prompts: [] };

const host: ToolHost<unknown> = {
	services: {},
	redactor: new Redactor([]),
	clock: systemClock,
	confirmation: 'required',
	audit: () => Promise.resolve(),
	onError: (error) => {
		throw error;
	},
};

let server: HttpServer;

beforeAll(async () => {
	const { http } = configSchema.parse({ http: { port: await freePort() } });
	server = await startHttpServer({
		http,
		authenticate: () => Promise.resolve({ name: 'alice', role: 'viewer', via: 'token' }),
		limiter: new RequestLimiter(http.requestsPerMinute, systemClock),
		failedLogins: new FailedLogins(
			new RequestLimiter(http.requestsPerMinute, systemClock),
			systemClock,
			sha256,
			() => Promise.resolve(),
			() => undefined,
		),
		metrics: () => Promise.resolve(''),
		createServer: (asking) => createServer(offers, host, asking),
		onError: () => undefined,
	});
});

afterAll(async () => {
	await server.close();
});

const requestInit = { headers: { authorization: 'Bearer x' } };

const connections = {
	'2026-07-28': async () => {
		const versionNegotiation = { mode: { pin: '2026-07-28' as const } };
		const client = new Client({ name: 'test', version: '1' }, { versionNegotiation });
		await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
		return client;
	},
	'2025-11-25': async () => {
		const client = new FirstClient({ name: 'test', version: '1' });
		await client.connect(new FirstTransport(new URL(server.url), { requestInit }) as never);
		return client;
	},
};

type Progress = { progress: number; total?: number; message?: string };

/** Calls the tool with a client of either version. */
const callBy = async (
	client: Awaited<ReturnType<(typeof connections)[keyof typeof connections]>>,
	given: Record<string, unknown>,
	options: { onprogress?: (progress: Progress) => void; signal?: AbortSignal },
): Promise<unknown> => {
	const params = { name: 'long', arguments: given };
	return client instanceof FirstClient
		? await client.callTool(params, undefined, options)
		: await client.callTool(params, options);
};

describe.each(Object.entries(connections))('a client of %s', (revision, connect) => {
	it('is told how far a call is', async () => {
		const client = await connect();
		const told: Progress[] = [];
		const onprogress = (progress: Progress) => void told.push(progress);
		const answer = await callBy(client, { call: `${revision} tells` }, { onprogress });
		expect(answer).toMatchObject({ structuredContent: { steps: STEPS } });
		expect(told).toEqual(
			Array.from({ length: STEPS }, (_, index) => ({
				progress: index + 1,
				total: STEPS,
				message: `step ${index + 1}`,
			})),
		);
		await client.close();
	});

	it('is told nothing of it where it did not ask', async () => {
		const client = await connect();
		expect(await callBy(client, { call: `${revision} quiet` }, {})).toMatchObject({
			structuredContent: { steps: STEPS },
		});
		await client.close();
	});

	it('is promised no word of changes, of which there are none', async () => {
		const client = await connect();
		expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: false });
		await client.close();
	});

	it('ends a call by going away', async () => {
		const client = await connect();
		const call = `${revision} leaves`;
		const answer = callBy(client, { call, isEndless: true }, {}).catch(() => 'ended');
		await until(() => calls.get(call) === 'runs');
		await client.close();
		expect(await answer).toBe('ended');
		await until(() => calls.get(call) === 'cancelled');
	});
});

// Over HTTP a client of 2025-11-25 only says so in another request, which without sessions is about nothing.
it.each([
	['2026-07-28 over HTTP', connections['2026-07-28']],
	[
		'2025-11-25 over one stream',
		async () => {
			const [there, here] = InMemoryTransport.createLinkedPair();
			const who = { name: 'alice', role: 'viewer', via: 'stdio' } as const;
			await createServer(offers, host, { who, era: 'legacy' }).connect(there as never);
			const client = new FirstClient({ name: 'test', version: '1' });
			await client.connect(here);
			return client;
		},
	],
] as const)('a client of %s ends a call by cancelling it', async (call, connect) => {
	const client = await connect();
	const cancelling = new AbortController();
	const { signal } = cancelling;
	const answer = callBy(client, { call, isEndless: true }, { signal });
	const failed = expect(answer).rejects.toThrow();
	await until(() => calls.get(call) === 'runs');
	cancelling.abort();
	await failed;
	await until(() => calls.get(call) === 'cancelled');
	await client.close();
});
