import { definePolicy } from '../../core/policies/define';
import { callModern } from '../support/mcp/call-modern';
import { connectFirst, connectModern } from '../support/mcp/mcp-clients';
import { queueIn, startMcpServer } from '../support/mcp/mcp-server';
import { startPolicyStack, type PolicyStack } from '../support/mcp/policy-stack';
import { until } from '../support/until';

const breaker = definePolicy('circuit-breaker', 'payments', {});
const asked = { kind: 'circuit-breaker', name: 'payments' };

let stack: PolicyStack;
let steps: PolicyStack['steps'];
let server: PolicyStack['server'];

beforeAll(async () => {
	stack = await startPolicyStack();
	({ steps, server } = stack);
	await steps.registry.note(breaker, { id: 'w/n', title: '"Breaker" of workflow "Orders"' });
});

afterEach(async () => {
	await steps.store.override(breaker, '', 'reset');
});

afterAll(async () => {
	await stack?.stop();
});

it('lists policies to clients of both revisions', async () => {
	for (const connect of [connectModern, connectFirst]) {
		const client = await server.connect('viewer', 'not there', connect);
		const { structured } = await client.call('list_policies');
		expect(structured.policies).toMatchObject([
			{ ...asked, definedBy: ['"Breaker" of workflow "Orders"'] },
		]);
	}
});

it('lists those policies that turn calls away, and says what is out of order, page by page', async () => {
	const limiter = definePolicy('rate-limiter', 'mail', { limit: 1, periodMs: 60_000 });
	await steps.registry.note(limiter, { id: 'w/m', title: '"Limiter" of workflow "Orders"' });
	await steps.store.admit(steps.request([limiter]));
	await steps.store.override(breaker, 'a tenant', 'isolate');
	const client = await server.connect('viewer');
	const only = { onlyTroubled: true, limit: 1 };
	// What was seen of policies is good for some seconds.
	let first: any;
	let firstText = '';
	await until(async () => {
		const { text, structured } = await client.call('list_policies', only);
		first = structured;
		firstText = text;
		return text.startsWith('2 policies');
	});
	const since = expect.stringMatching(/^\d{4}-.+Z$/) as string;
	const troubles = [{ key: 'a tenant', trouble: 'isolated', since }];
	expect(first.policies).toMatchObject([{ ...asked, troubles }]);
	expect(firstText).toContain(`: isolated since ${first.policies[0].troubles[0].since}`);
	const { structured } = await client.call('list_policies', {
		...only,
		cursor: first.nextCursor,
	});
	expect(structured).toEqual({
		policies: [
			expect.objectContaining({ name: 'mail', troubles: [{ key: '', trouble: 'exhausted' }] }),
		],
	});
	await steps.store.override(breaker, 'a tenant', 'reset');
});

it('tells since when a breaker is open, and for how long yet', async () => {
	const before = Date.now();
	await steps.store.override(breaker, '', 'open');
	const client = await server.connect('viewer');
	const { structured, text } = await client.call('inspect_policy', asked);
	const { since, figures } = (structured as any).state;
	// Redis goes by whole milliseconds.
	expect(Date.parse(since)).toBeGreaterThanOrEqual(before - 10);
	expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
	expect(Math.abs(Date.parse(since) + 30_000 - figures.retryAfterMs - Date.now())).toBeLessThan(
		5_000,
	);
	expect(text).toContain(`is open since ${since} (`);
	const resource = JSON.parse(await client.read('bulwark://policies/circuit-breaker/payments'));
	expect(resource.state).toMatchObject({ state: 'open', since: expect.stringContaining('Z') });
});

it('opens a breaker for all workers once its user has confirmed that', async () => {
	const client = await server.connect('operator', 'yes');
	const plan = await client.call('plan_policy_override', { ...asked, action: 'isolate' });
	expect(plan.structured.steps).toMatchObject([{ action: 'isolate' }]);
	const { planId } = plan.structured;

	const applied = await client.call('apply_plan', { planId });
	expect(applied).toMatchObject({ isError: false, structured: { steps: [{ outcome: 'done' }] } });
	expect(await steps.store.admit(steps.request([breaker]))).toMatchObject({ status: 'rejected' });

	const again = await client.call('apply_plan', { planId });
	expect(again).toMatchObject({ isError: true, text: expect.stringContaining('PLAN_USED') });
});

it('changes nothing when its user says no, or cannot be asked', async () => {
	for (const user of ['no', 'not there'] as const) {
		const client = await server.connect('operator', user);
		const plan = await client.call('plan_policy_override', { ...asked, action: 'isolate' });
		const { planId } = plan.structured;
		const refused = await client.call('apply_plan', { planId });
		expect(refused).toMatchObject({
			isError: true,
			text: expect.stringContaining('PLAN_NOT_CONFIRMED'),
		});
		expect(await steps.store.inspect({ ...asked, key: '' } as never)).not.toMatchObject({
			state: 'isolated',
		});
	}
});

it('cannot ask the user of a client of 2025-11-25 over HTTP, and says so', async () => {
	const client = await server.connect('operator', 'yes', connectFirst);
	const plan = await client.call('plan_policy_override', { ...asked, action: 'isolate' });
	const refused = await client.call('apply_plan', { planId: plan.structured.planId });
	expect(refused).toMatchObject({
		isError: true,
		text: expect.stringMatching(/^PLAN_NOT_CONFIRMED: .+ over HTTP one of revision 2026-07-28/),
	});
});

it('takes a yes for that plan only about which it asked', async () => {
	const token = await server.token('operator');
	const client = await server.connect('operator', 'yes');
	const [first, second] = [
		await client.call('plan_policy_override', { ...asked, action: 'isolate' }),
		await client.call('plan_policy_override', { ...asked, action: 'isolate' }),
	].map(({ structured }) => structured.planId as string);
	const yes = { action: 'accept', content: { apply: true } };
	const apply = async (planId: string, inputResponses: object): Promise<any> =>
		await callModern(server.url, token, 'apply_plan', { planId }, inputResponses);
	const questionOf = ({ inputRequests }: any): string => Object.keys(inputRequests)[0]!;

	const unasked = await apply(first!, { confirm: yes, [`confirm-${first}`]: yes });
	const other = await apply(second!, { [questionOf(unasked)]: yes });
	for (const { resultType } of [unasked, other]) expect(resultType).toBe('input_required');
	expect(await steps.store.inspect({ ...asked, key: '' } as never)).not.toMatchObject({
		state: 'isolated',
	});
	expect(await apply(first!, { [questionOf(unasked)]: yes })).toMatchObject({
		structuredContent: { steps: [{ outcome: 'done' }] },
	});
});

it('refuses a plan whose state is another by now', async () => {
	const client = await server.connect('operator', 'yes');
	const plan = await client.call('plan_policy_override', { ...asked, action: 'close' });
	await steps.store.override(breaker, '', 'open');
	const refused = await client.call('apply_plan', { planId: plan.structured.planId });
	expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('PLAN_STALE') });
});

it('lets a viewer change nothing', async () => {
	const viewer = await server.connect('viewer', 'yes');
	const operator = await server.connect('operator', 'yes');
	const plan = await operator.call('plan_policy_override', { ...asked, action: 'isolate' });
	for (const [tool, given] of [
		['plan_policy_override', { ...asked, action: 'isolate' }],
		['apply_plan', { planId: plan.structured.planId }],
	] as const) {
		const refused = await viewer.call(tool, given);
		expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('"operator"') });
	}
});

it('applies a plan once where two replicas on different machines are asked at once', async () => {
	const other = await startMcpServer(queueIn(stack.redis));
	const replicas = await Promise.all(
		[server, other].map(async ({ connect }) => await connect('operator', 'yes')),
	);
	for (let count = 0; count < 5; count++) {
		const plan = await replicas[0]!.call('plan_policy_override', { ...asked, action: 'isolate' });
		const { planId } = plan.structured;
		const answers = await Promise.all(
			replicas.map(async (client) => await client.call('apply_plan', { planId })),
		);
		expect(answers.filter(({ isError }) => !isError)).toHaveLength(1);
		expect(answers.find(({ isError }) => isError)!.text).toMatch(/^PLAN_(USED|STALE)/);
		await steps.store.override(breaker, '', 'reset');
	}
	await other.stop();
});
