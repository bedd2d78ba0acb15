import { readFileSync } from 'node:fs';
import path from 'node:path';

import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';

let server: TestMcpServer;

beforeAll(async () => {
	server = await startMcpServer();
});

afterAll(async () => {
	await server.stop();
});

it('names the setting of each source that is not configured', async () => {
	const settings = readFileSync(path.join(__dirname, '../../docs/mcp-settings.md'), 'utf8');
	const client = await server.connect('viewer');
	const { unknowns } = (await client.call('get_health')).structured;
	const missing = unknowns.filter(({ why }: { why: string }) => why === 'not configured');
	expect(missing.length).toBeGreaterThan(0);
	for (const { remedy } of missing) {
		const named = [...remedy.matchAll(/"([\w.]+)"/g)].map(([, setting]) => setting);
		expect(named.length).toBeGreaterThan(0);
		for (const setting of named) expect(settings).toMatch(new RegExp(`^\\| \`${setting}\\b`, 'm'));
	}
});
