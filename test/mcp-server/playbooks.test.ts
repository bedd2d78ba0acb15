import { definePolicy } from '../../core/policies/define';
import { playbooks } from '../../mcp-server/playbooks';
import { tools } from '../../mcp-server/tools';
import { connectFirst, type TestClient } from '../support/mcp/mcp-clients';
import { startPolicyStack, type PolicyStack } from '../support/mcp/policy-stack';
import { workThrough } from '../support/mcp/work-through';
import { until } from '../support/until';

/** The breaker opens with the last of them. */
const MOST_FAILURES = 4;

const breaker = definePolicy('circuit-breaker', 'payments / EU', {
	slidingWindowSize: MOST_FAILURES,
	minimumNumberOfCalls: MOST_FAILURES,
});

let stack: PolicyStack;
let steps: PolicyStack['steps'];
let server: PolicyStack['server'];
let client: TestClient;

beforeAll(async () => {
	stack = await startPolicyStack();
	({ steps, server } = stack);
	await steps.registry.note(breaker, { id: 'w/n', title: '"Breaker" of workflow "Orders"' });
	client = await server.connect('operator', 'yes');
});

afterAll(async () => {
	await stack?.stop();
});

const uris = playbooks.map(({ name }) => `bulwark://playbooks/${name}`);

it('offers playbooks as resources and prompts to clients of both revisions', async () => {
	const first = await server.connect('viewer', 'not there', connectFirst);
	for (const one of [first, client]) {
		expect(await one.resourceUris()).toEqual({
			fixed: uris,
			templates: [
				'bulwark://executions/{id}',
				'bulwark://playbooks/{name}',
				'bulwark://policies/{kind}/{name}',
			],
		});
		expect(await one.promptNames()).toEqual(playbooks.map(({ name }) => name));
		for (const { name, title, steps: parts } of playbooks) {
			const text = await one.read(`bulwark://playbooks/${name}`);
			expect(text).toContain(`# ${title}\n`);
			const named = [...text.matchAll(/^\d+\. Call `(\w+)`/gm)].map(([, tool]) => tool);
			expect(named).toEqual(parts.map(({ tool }) => tool));
			expect(await one.prompt(name)).toContain(text);
		}
	}
});

it('puts into a prompt what the user names', async () => {
	const text = await client.prompt('breaker-storm', { policy: 'the "EU" one' });
	expect(text).toContain('{"kind":"circuit-breaker","name":"the \\"EU\\" one"}');
	expect(text).not.toContain('<policy>');
	expect(await client.prompt('worker-zombie')).toContain('<worker>');
});

it('completes names of playbooks, policies and kinds of them', async () => {
	const playbook = { template: 'bulwark://playbooks/{name}' };
	expect(await client.complete(playbook, { name: 'name', value: 'qu' })).toEqual([
		'queue-backs-up',
	]);
	const policy = { template: 'bulwark://policies/{kind}/{name}' };
	expect(await client.complete(policy, { name: 'kind', value: 'circuit' })).toEqual([
		'circuit-breaker',
	]);
	const named = { name: 'name', value: 'pay' };
	const kind = { kind: 'circuit-breaker' };
	expect(await client.complete(policy, named, kind)).toEqual([breaker.name]);
	expect(await client.complete(policy, named, { kind: 'bulkhead' })).toEqual([]);
	const prompt = { prompt: 'breaker-storm' };
	expect(await client.complete(prompt, { name: 'policy', value: 'pay' })).toEqual([breaker.name]);
	expect(await client.complete(prompt, { name: 'policy', value: 'x' })).toEqual([]);
});

it('shows the state of a policy under its address', async () => {
	await steps.store.override(breaker, '', 'isolate');
	const uri = `bulwark://policies/circuit-breaker/${encodeURIComponent(breaker.name)}`;
	expect(JSON.parse(await client.read(uri))).toMatchObject({ state: { state: 'isolated' } });
	await steps.store.override(breaker, '', 'reset');
});

it('says which resource there is none of', async () => {
	for (const uri of [
		'bulwark://playbooks/unheard-of',
		'bulwark://policies/circuit-breaker/unheard-of',
		'bulwark://policies/unheard-of/x',
		'bulwark://playbooks/%',
		'file:///etc/passwd',
	])
		await expect(client.read(uri)).rejects.toMatchObject({
			message: expect.stringMatching(/not found/i),
		});
});

it('names tools that there are', () => {
	const named = new Set(playbooks.flatMap((playbook) => playbook.steps.map(({ tool }) => tool)));
	const known = tools.map(({ name }) => name);
	const missing = [...named].filter((tool) => !known.includes(tool));
	expect(missing).toEqual([]);
});

it('gives tools what they take', () => {
	for (const { name, steps: parts } of playbooks)
		for (const { tool, given } of parts) {
			const { input } = tools.find((one) => one.name === tool)!;
			expect([name, tool, input.safeParse(given).error?.issues]).toEqual([name, tool, undefined]);
		}
});

// Those that need n8n are in test/e2e.
it('breaker-storm leads to the breaker that is open, and closes it for all', async () => {
	for (let call = 0; call < MOST_FAILURES; call++) {
		const admission = await steps.store.admit(steps.request([breaker]));
		if (admission.status !== 'granted') throw new Error('It is open already');
		await steps.store.settle(admission.permit, { kind: 'failure', latencyMs: 1 });
	}
	expect((await steps.store.admit(steps.request([breaker]))).status).toBe('rejected');
	const seen: string[] = [];
	const answers = await workThrough(
		client,
		'breaker-storm',
		{
			list_policies: ({ policies }) => policies.some(({ name }: any) => name === breaker.name),
			inspect_policy: ({ state }) => seen.push(state.state) > 0,
		},
		{ policy: breaker.name },
	);
	expect(answers.get('apply_plan')!.structured.steps).toMatchObject([{ outcome: 'done' }]);
	expect(seen).toEqual(['open', 'closed']);
	// Who was told that it is open believes that for a second.
	await until(async () => (await steps.store.admit(steps.request([breaker]))).status === 'granted');
});
