import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';

import { refuseBatch } from '../../mcp-server/transports/refuse-batch';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';

let server: TestMcpServer;

beforeAll(async () => {
	server = await startMcpServer();
});

afterAll(async () => {
	await server.stop();
});

/** The status that a request gets. Node's own `fetch` does not let the Host header be chosen. */
const statusOf = async (
	headers: Record<string, string>,
	body = '{}',
	url = server.url,
): Promise<number> =>
	await new Promise((resolve, reject) => {
		const { hostname, port, pathname } = new URL(url);
		const all = { 'content-type': 'application/json', accept: 'application/json', ...headers };
		const sent = request({ hostname, port, path: pathname, method: 'POST', headers: all });
		sent.once('response', (response) => {
			response.resume();
			resolve(response.statusCode!);
		});
		sent.once('error', reject);
		sent.end(body);
	});

/** What the audit log of a server holds. */
async function notedIn(stateFolder: string): Promise<unknown[]> {
	const folder = path.join(stateFolder, 'audit', 'test-http');
	const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
	const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
	return texts
		.flatMap((text) => text.trim().split('\n'))
		.map((line) => JSON.parse(line) as unknown);
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

it('turns away who brings no token, or one that it did not make', async () => {
	const token = await server.token('viewer');
	const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
	for (const headers of [{}, bearer('x'), bearer(forged), { authorization: `Basic ${token}` }])
		expect(await statusOf(headers)).toBe(401);
	expect(await statusOf(bearer(token))).not.toBe(401);
});

it('turns away who brings a token whose file cannot be read, and says so in the log once', async () => {
	const token = await server.token('viewer');
	const id = token.split('_')[1]!;
	const file = path.join(server.config.stateFolder, 'tokens', `${id}.json`);
	await writeFile(file, '{');
	expect([await statusOf(bearer(token)), await statusOf(bearer(token))]).toEqual([401, 401]);
	const lines = server.log.filter((line) => line.includes(id));
	expect(lines).toEqual([expect.stringMatching(/^Error: TOKEN_FILE_INVALID: .+ delete it and/)]);
	await rm(file);
});

it('turns away requests for another host, and from pages of others', async () => {
	const token = bearer(await server.token('viewer'));
	expect(await statusOf({ ...token, host: 'evil.example' })).toBe(403);
	expect(await statusOf({ ...token, origin: 'https://evil.example' })).toBe(403);
});

it('reads no body that is too large', async () => {
	const token = bearer(await server.token('viewer'));
	const body = JSON.stringify({ text: 'x'.repeat(server.config.http.maxBodyBytes) });
	expect(await statusOf(token, body)).toBe(413);
});

it('takes a body as large as is set', async () => {
	const http = { ...server.config.http, maxBodyBytes: 8_388_608 };
	const own = await startMcpServer({}, { http });
	const token = bearer(await own.token('viewer'));
	const ofSize = async (bytes: number) =>
		await statusOf(token, JSON.stringify({ text: 'x'.repeat(bytes) }), own.url);
	expect([await ofSize(6_000_000), await ofSize(9_000_000)]).toEqual([400, 413]);
	await own.stop();
});

it('waits for no body of those whom it turns away', async () => {
	const { hostname, port, pathname } = new URL(server.url);
	const answerOf = async (headers: Record<string, string>, path: string) =>
		await new Promise((resolve, reject) => {
			const endless = { ...headers, 'content-length': '1000000' };
			const sent = request({ hostname, port, path, method: 'POST', headers: endless });
			sent.once('response', ({ statusCode }) => {
				resolve(statusCode);
				sent.destroy();
			});
			sent.once('error', reject);
			sent.write('{');
		});
	expect(await answerOf({}, pathname)).toBe(401);
	expect(await answerOf(bearer('x'), pathname)).toBe(401);
	expect(await answerOf({ host: 'evil.example' }, pathname)).toBe(403);
	expect(await answerOf({}, '/other')).toBe(404);
	expect(await answerOf({}, 'http://other')).toBe(400);
});

it('logs a message that is none in a line', async () => {
	const own = await startMcpServer();
	const token = bearer(await own.token('viewer'));
	expect(await statusOf(token, '{}', own.url)).toBe(400);
	expect(own.log).toEqual([expect.stringMatching(/^Error: PROTOCOL_FAULT: .+JSON-RPC/)]);
	await own.stop();
});

it('answers no batch, of which a hundred calls would count as one', async () => {
	const token = bearer(await server.token('viewer'));
	const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_queue' } };
	for (const space of ['', ' \n\t', ' '.repeat(2_000)]) {
		const batch = `${space}${JSON.stringify([call, call])}`;
		expect(await statusOf(token, batch)).toBe(400);
	}
	expect(await statusOf(token, `\n ${JSON.stringify(call)}`)).not.toBe(400);
});

it('answers no batch behind a byte order mark that comes in parts', async () => {
	const chunks = [[0xef], [0xbb, 0xbf], [...Buffer.from('[{}]')]].map((bytes) =>
		Buffer.from(bytes),
	);
	const body = ReadableStream.from(chunks) as ReadableStream<Uint8Array>;
	const init = { method: 'POST', body, duplex: 'half' };
	const answer = await refuseBatch(new Request(server.url, init as RequestInit));
	expect(answer).toBeInstanceOf(Response);
});

it('keeps each who asks to so many requests a minute', async () => {
	const token = bearer(await server.token('viewer'));
	const other = bearer(await server.token('viewer'));
	const statuses = new Set<number>();
	for (let sent = 0; sent <= server.config.http.requestsPerMinute; sent++)
		statuses.add(await statusOf(token));
	expect(statuses).toContain(429);
	expect(await statusOf(other)).not.toBe(429);
});

it('keeps an address to so many refused tokens a minute, and those it let in before', async () => {
	const few = { ...server.config.http, requestsPerMinute: 10 };
	const own = await startMcpServer({}, { http: few });
	const valid = bearer(await own.token('viewer'));
	const late = bearer(await own.token('viewer'));
	const post = async (headers: Record<string, string>) => await statusOf(headers, '{}', own.url);
	expect(await post(valid)).not.toBe(401);
	const statuses: number[] = [];
	for (let sent = 0; sent < 20; sent++) statuses.push(await post(bearer(`guess-${sent}`)));
	expect(statuses.filter((status) => status === 401)).toHaveLength(11);
	expect(statuses.slice(11)).toEqual(Array(9).fill(429));
	expect(await post(late)).toBe(429);
	expect([401, 429]).not.toContain(await post(valid));
	expect(await post({})).toBe(401);
	const [, noted] = await notedIn(own.config.stateFolder);
	expect(noted).toMatchObject({ operation: 'authenticate', outcome: 'refused' });
	expect(noted).toMatchObject({ input: { failures: 1, address: expect.stringContaining('127') } });
	await own.stop();
});

it('says what is wrong with arguments, and what to do', async () => {
	const client = await server.connect('viewer');
	const answers = [
		await client.call('list_policies', { limit: 1_000 }),
		await client.call('list_policies', { limits: 10 }),
		await client.call('list_policies'),
		await client.call('list_recoveries', { cursor: 'zzz' }),
		await client.call('inspect_policy'),
	];
	expect(answers.map(({ isError }) => isError)).toEqual([true, true, true, true, true]);
	expect(answers.map(({ text }) => text)).toEqual([
		expect.stringMatching(/^INVALID_OPTION: "limit" is 1000: .+\. Correct it/),
		expect.stringMatching(
			/^INVALID_OPTION: "limits" is 10: .+ its parameters are: onlyTroubled, cursor, limit/,
		),
		expect.stringMatching(/^SOURCE_MISSING: No Redis is configured/),
		expect.stringMatching(/^INVALID_OPTION: "cursor" is "zzz": /),
		expect.stringMatching(/^INVALID_OPTION: "kind" is missing: /),
	]);
});

it('lets nobody fill the disk with what is noted of calls', async () => {
	const client = await server.connect('viewer');
	const calls = 5;
	for (let call = 0; call < calls; call++) {
		await client.call('list_policies', { cursor: 'x'.repeat(900_000) });
		await client.call(`list_workers`, { ['y'.repeat(900_000)]: '' });
	}
	const folder = path.join(server.config.stateFolder, 'audit', 'test-http');
	const [file] = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
	const { size } = await stat(path.join(folder, file!));
	expect(size).toBeLessThan(100_000);
});

it('notes calls whatever they hold', async () => {
	const levels = 20_000;
	const nested = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
	const response = await fetch(server.url, {
		method: 'POST',
		headers: {
			...bearer(await server.token('viewer')),
			'content-type': 'application/json',
			accept: 'application/json, text/event-stream',
		},
		body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"plan_recovery","arguments":${nested}}}`,
	});
	expect(await response.text()).toContain(`takes the role \\"operator\\"; viewer`);
	expect((await notedIn(server.config.stateFolder)).at(-1)).toMatchObject({
		operation: 'plan_recovery',
		outcome: 'refused',
		input: { a: { a: { a: {} } } },
	});
});
