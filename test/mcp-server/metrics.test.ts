import { definePolicy } from '../../core/policies/define';
import { startPolicyStack, type PolicyStack } from '../support/mcp/policy-stack';

/** Of n8n's API. It is also in the name of a policy, and of metrics. */
const SECRET = 'duration_seconds';

const breaker = definePolicy('circuit-breaker', 'payments', {});

let stack: PolicyStack;

beforeAll(async () => {
	stack = await startPolicyStack({ BULWARK_N8N_API_KEY: SECRET });
	const { steps } = stack;
	await steps.registry.note(breaker, { id: 'w/n', title: '"Breaker" of workflow "Orders"' });
	await steps.store.override(breaker, '', 'open');
	await steps.store.override(breaker, 'a tenant', 'isolate');
	const careless = definePolicy('circuit-breaker', `of-${SECRET}`, {});
	await steps.registry.note(careless, { id: 'w/o', title: '"Breaker" of workflow "Orders"' });
	await steps.store.override(careless, '', 'open');
});

afterAll(async () => {
	await stack?.stop();
});

const metrics = async (token?: string) =>
	await fetch(new URL('/metrics', stack.server.url), {
		headers: token ? { authorization: `Bearer ${token}` } : {},
	});

it('tells nobody without a token', async () => {
	expect((await metrics()).status).toBe(401);
});

it('tells how the stack fares, what is not known, and how tools were called', async () => {
	const client = await stack.server.connect('viewer');
	await client.call('get_queue');
	await client.call('inspect_policy', { kind: 'bulkhead', name: 'none' });
	const answer = await metrics(await stack.server.token('viewer'));
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
			'bulwark_policy_state{kind="circuit-breaker",name="payments",state="open"} 1',
			'bulwark_policy_troubled{kind="circuit-breaker",name="payments",trouble="isolated"} 1',
			'bulwark_policy_failure_rate{kind="circuit-breaker",name="payments"} 0',
			'bulwark_policy_state{kind="circuit-breaker",name="of-[secret]",state="open"} 1',
			'# TYPE bulwark_tool_duration_seconds histogram',
			'bulwark_tool_duration_seconds_count{tool="get_queue",outcome="done"} 1',
			'bulwark_tool_duration_seconds_count{tool="inspect_policy",outcome="failed"} 1',
			'# TYPE bulwark_mcp_process_cpu_seconds_total counter',
		]),
	);
	const offset = lines.find((line) =>
		line.startsWith('bulwark_clock_offset_seconds{source="redis"}'),
	);
	expect(Math.abs(Number(offset?.split(' ')[1]))).toBeLessThan(5);
	const ofPayments = (metric: string) => {
		const labels = '{kind="circuit-breaker",name="payments"}';
		const line = lines.find((one) => one.startsWith(`${metric}${labels}`));
		return Number(line?.split(' ')[1]);
	};
	expect(ofPayments('bulwark_policy_retry_after_seconds')).toBeLessThanOrEqual(30);
	const openForS = Date.now() / 1_000 - ofPayments('bulwark_policy_since_timestamp_seconds');
	expect(openForS).toBeGreaterThanOrEqual(0);
	expect(openForS).toBeLessThan(60);
	const helpOf = (metric: string) => lines.find((line) => line.startsWith(`# HELP ${metric} `));
	expect(helpOf('bulwark_policy_retry_after_seconds')).toContain('Time left until a breaker');
	expect(lines.join('\n')).not.toContain(`of-${SECRET}`);
	for (const line of lines)
		expect(line).toMatch(/^(|# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/);
});
