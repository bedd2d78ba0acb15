import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { readConfig } from '../../mcp-server/config/read-config';
import { openServices, type OpenServices } from '../../mcp-server/open-services';
import { runSyntheticCheck } from '../../core/health';

let n8n: Server;
let opened: OpenServices | undefined;
const called: string[] = [];

beforeAll(async () => {
	// Its one webhook answers below one path only.
	n8n = createServer((request, response) => {
		called.push(request.url!);
		const isThere = request.url!.startsWith('/hooks/');
		let body = '';
		request.on('data', (chunk) => (body += String(chunk)));
		request.on('end', () => response.writeHead(isThere ? 200 : 404).end(body));
	});
	n8n.listen(0, '127.0.0.1');
	await once(n8n, 'listening');
});

afterEach(async () => {
	await opened?.close();
	called.length = 0;
});

afterAll(() => {
	n8n.closeAllConnections();
	n8n.close();
});

const urlOf = () => `http://127.0.0.1:${(n8n.address() as AddressInfo).port}`;

/** What a check says, by a server with such an environment. */
async function check(env: Readonly<Record<string, string>>) {
	opened = openServices(readConfig(undefined, env));
	const { stack: sources, clock, newId } = opened.services;
	return await runSyntheticCheck({ sources, clock, newId }, { timeoutMs: 4_000 });
}

it("calls webhooks of main by n8n's own path, not by the public address", async () => {
	const report = await check({
		BULWARK_N8N_URL: urlOf(),
		N8N_ENDPOINT_WEBHOOK: 'hooks',
		...{ WEBHOOK_URL: 'http://127.0.0.1:1', N8N_WEBHOOK_URL: 'http://127.0.0.1:1' },
	});
	expect(report.problem).toBeUndefined();
	expect(report.verdict).toBe('passed');
	expect(called).toEqual(['/hooks/bulwark/synthetic-check']);
});

it('calls those of another process where one is named', async () => {
	const { verdict } = await check({
		BULWARK_N8N_URL: 'http://127.0.0.1:1',
		BULWARK_N8N_WEBHOOK_URL: urlOf(),
		N8N_ENDPOINT_WEBHOOK: 'hooks',
	});
	expect(verdict).toBe('passed');
});

it('says where it looked, and which setting leads elsewhere', async () => {
	const { problem } = await check({ BULWARK_N8N_URL: urlOf() });
	expect(problem!.says).toContain(`${urlOf()}/webhook/bulwark/synthetic-check (404)`);
	expect(problem!.remedy).toMatch(/publish .* n8n\.webhookUrl .* N8N_ENDPOINT_WEBHOOK/);
	const { problem: other } = await check({ BULWARK_N8N_WEBHOOK_URL: 'http://127.0.0.1:1' });
	expect(other!.remedy).toContain('n8n.webhookUrl');
});
