import { request, type IncomingHttpHeaders } from 'node:http';

import { readConfig } from '../../mcp-server/config/read-config';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';

const APP = 'https://app.example:8443';

let server: TestMcpServer;
let token: string;

beforeAll(async () => {
	server = await startMcpServer(
		{},
		{
			http: {
				...readConfig(undefined, {}).http,
				allowedHosts: ['mcp.example', 'Other.Example:8443', '[fd00::1]'],
				allowedOrigins: [APP, 'https://plain.example', 'app://desktop'],
			},
		},
	);
	token = await server.token('viewer');
});

afterAll(async () => {
	await server.stop();
});

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
}

/** Node's own `fetch` lets neither the Host nor the Origin header be chosen. */
const answerTo = async (
	headers: Record<string, string>,
	method = 'POST',
	path = '/mcp',
): Promise<Answer> =>
	await new Promise((resolve, reject) => {
		const { hostname, port } = new URL(server.url);
		const sent = request({ hostname, port, path, method, headers });
		sent.once('response', (response) => {
			let text = '';
			response.on('data', (chunk) => (text += chunk));
			response.on('end', () =>
				resolve({ status: response.statusCode!, headers: response.headers, text }),
			);
		});
		sent.once('error', reject);
		sent.end(method === 'POST' ? '{}' : undefined);
	});

it.each<[string, number]>([
	['mcp.example', 401],
	['MCP.example:1234', 401],
	['other.example:8443', 401],
	['other.example', 403],
	['other.example:8444', 403],
	['[fd00::1]:5685', 401],
	['localhost', 401],
	['mcp.example.evil.example', 403],
	['evil.example', 403],
	['127.0.0.1@evil.example', 400],
	['localhost/mcp', 400],
	['a b', 400],
])('is called by the host %s: %d', async (host, status) => {
	expect((await answerTo({ host })).status).toBe(status);
});

it.each<[string, number]>([
	[APP, 401],
	['https://plain.example', 401],
	['https://plain.example:443', 401],
	['app://desktop', 401],
	['http://localhost:3000', 401],
	['http://app.example:8443', 403],
	['https://app.example', 403],
	['https://app.example:9999', 403],
	['https://plain.example.evil.example', 403],
	['null', 403],
])('is called by a page of %s: %d', async (origin, status) => {
	const { status: got, headers } = await answerTo({ origin });
	expect(got).toBe(status);
	// Else the page could not read why.
	expect(headers['access-control-allow-origin']).toBe(status === 401 ? origin : undefined);
});

it('lets a browser ask whether a page that is allowed may call it, and no other', async () => {
	const asks = {
		'access-control-request-method': 'POST',
		'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
	};
	const allowed = await answerTo({ origin: APP, ...asks }, 'OPTIONS');
	expect(allowed.status).toBe(204);
	expect(allowed.headers).toMatchObject({
		'access-control-allow-origin': APP,
		'access-control-allow-methods': expect.stringContaining('POST'),
		'access-control-allow-headers': asks['access-control-request-headers'],
	});
	const refused = await answerTo({ origin: 'https://evil.example', ...asks }, 'OPTIONS');
	expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([
		403,
		undefined,
	]);
	const byOtherName = await answerTo({ origin: APP, host: 'evil.example', ...asks }, 'OPTIONS');
	expect([byOtherName.status, byOtherName.headers['access-control-allow-origin']]).toEqual([
		...[403, undefined],
	]);
	expect((await answerTo({ origin: APP }, 'OPTIONS')).status).toBe(401);
});

it('lets a page that is allowed read answers of /mcp, and no measurements', async () => {
	const page = {
		origin: APP,
		authorization: `Bearer ${token}`,
		'content-type': 'application/json',
		accept: 'application/json, text/event-stream',
	};
	const { status, headers } = await answerTo(page);
	expect([status, headers['access-control-allow-origin']]).toEqual([400, APP]);
	expect(headers.vary).toContain('origin');
	const metrics = await answerTo(page, 'GET', '/metrics');
	expect([metrics.status, metrics.headers['access-control-allow-origin']]).toEqual([
		200,
		undefined,
	]);
});

it('says by any name that it is there, and nothing else', async () => {
	expect(await answerTo({ host: '10.1.2.3:5685' }, 'GET', '/healthz')).toMatchObject({
		...{ status: 200, text: 'ok' },
	});
	expect((await answerTo({ host: '10.1.2.3:5685' }, 'GET', '/metrics')).status).toBe(403);
});
