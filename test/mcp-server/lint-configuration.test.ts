import { connectFirst, connectModern, type ToolResult } from '../support/mcp/mcp-clients';
import { queueIn, startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';
import { startRedis, type RedisServer } from '../support/redis-server';

const idsOf = ({ structured }: ToolResult): string[] =>
	structured.findings.map(({ id }: { id: string }) => id);

const unknownOf = ({ structured }: ToolResult): string[] =>
	structured.unknown.map(({ because }: { because: string }) => because);

let redis: RedisServer;
let server: TestMcpServer;

beforeAll(async () => {
	redis = await startRedis({ maxmemory: '50mb', 'maxmemory-policy': 'allkeys-lru' });
	server = await startMcpServer({
		...queueIn(redis),
		N8N_ENCRYPTION_KEY_FILE: '/not/readable/to/us',
		QUEUE_WORKER_STALLED_INTERVAL: '0',
	});
});

afterAll(async () => {
	await server?.stop();
	await redis.stop();
});

it('tells clients of both revisions what loses executions, the worst first', async () => {
	for (const connect of [connectModern, connectFirst]) {
		const client = await server.connect('viewer', 'not there', connect);
		const linted = await client.call('lint_configuration');
		expect(linted.structured).toMatchObject({ mode: 'queue', settingsOf: expect.any(String) });
		expect(idsOf(linted)).toEqual(
			expect.arrayContaining(['redis-keep-alive', 'redis-eviction', 'stalled-interval']),
		);
		expect(idsOf(linted)).not.toContain('encryption-key');
		const critical = linted.structured.findings.filter(
			({ severity }: { severity: string }) => severity === 'critical',
		);
		expect(linted.text).toMatch(new RegExp(`^${critical.length} critical, `));
		expect(linted.structured.findings.slice(0, critical.length)).toEqual(critical);
	}
});

it('says which checks it could not make, and why', async () => {
	const client = await server.connect('viewer');
	const before = await client.call('lint_configuration');
	expect(unknownOf(before)).toContain('database: not configured');
	expect(idsOf(before)).toContain('redis-eviction');
	await redis.stop();
	const after = await client.call('lint_configuration');
	expect(after.isError).toBe(false);
	expect(idsOf(after)).toContain('redis-keep-alive');
	expect(idsOf(after)).not.toContain('redis-eviction');
	expect(unknownOf(after).filter((because) => because.startsWith('redis: '))).not.toEqual([]);
});

it("does not take an environment without n8n's settings for n8n's defaults", async () => {
	const bare = await startMcpServer({});
	const client = await bare.connect('viewer');
	const linted = await client.call('lint_configuration');
	expect(linted.structured).toMatchObject({ mode: 'regular', settingsOf: null, findings: [] });
	expect(unknownOf(linted).every((because) => because !== '')).toBe(true);
	await bare.stop();
});
