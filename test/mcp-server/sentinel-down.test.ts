import { configSchema } from '../../mcp-server/config/config-schema';
import { examine } from '../../mcp-server/doctor';
import { openServices } from '../../mcp-server/open-services';
import { startMcpServer } from '../support/mcp/mcp-server';

/** Nobody listens there. */
const { redis } = configSchema.parse({
	redis: { topology: 'sentinel', sentinels: '127.0.0.1:1', masterName: 'm' },
});

it('says of all that Redis keeps that no sentinel can be reached, and ends when it is told to', async () => {
	const server = await startMcpServer({ EXECUTIONS_MODE: 'queue' }, { redis });
	const client = await server.connect('operator');
	for (const tool of ['get_health', 'get_queue', 'list_workers', 'list_policies'])
		expect((await client.call(tool)).text).toContain('No sentinel can be reached');
	const token = await server.token('viewer');
	const headers = { authorization: `Bearer ${token}` };
	const metrics = await fetch(new URL('/metrics', server.url), { headers });
	expect(await metrics.text()).toContain('bulwark_source_missing{source="workers"} 1');
	const opened = openServices(server.config);
	const findings = await examine(server.config, opened);
	await opened.close();
	expect(findings.find(({ source }) => source === 'workers')).toMatchObject({
		status: 'failed',
		says: expect.stringContaining('No sentinel can be reached'),
		remedy: expect.stringContaining('under "redis" in the configuration of the MCP server'),
	});
	await server.stop();
});
