import { connectModern } from '../support/mcp/mcp-clients';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';
import { startRedis, type RedisServer } from '../support/redis-server';

let redis: RedisServer;
let server: TestMcpServer;

beforeAll(async () => {
	redis = await startRedis();
	server = await startMcpServer({
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: `${redis.port}`,
	});
});

afterAll(async () => {
	await server?.stop();
	await redis?.stop();
});

const metrics = async (token?: string) =>
	await fetch(new URL('/metrics', server.url), {
		headers: token ? { authorization: `Bearer ${token}` } : {},
	});

it('tells nobody without a token', async () => {
	expect((await metrics()).status).toBe(401);
});

it('tells how the stack fares, what is not known, and how tools were called', async () => {
	const token = await server.token('viewer');
	const client = await connectModern(server.url, token);
	await client.call('get_queue');
	await client.call('inspect_policy', { kind: 'bulkhead', name: 'none' });
	await client.close();
	const answer = await metrics(token);
	expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
	const lines = (await answer.text()).trimEnd().split('\n');
	expect(lines).toEqual(
		expect.arrayContaining([
			'# TYPE bulwark_workers gauge',
			'bulwark_workers{state="zombie"} 0',
			'bulwark_queue_jobs_waiting{pool=""} 0',
			'bulwark_health_status{component="workers",status="unhealthy"} 1',
			'bulwark_findings{id="workers-none",severity="critical",component="workers"} 1',
			'bulwark_source_missing{source="database"} 1',
			'bulwark_tool_calls_total{tool="get_queue",outcome="done"} 1',
			'bulwark_tool_calls_total{tool="inspect_policy",outcome="failed"} 1',
		]),
	);
	for (const line of lines)
		expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/);
});
