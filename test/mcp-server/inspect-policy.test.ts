import { definePolicy, guard } from '../../core/policies/define';
import type { PolicyDefinition } from '../../core/ports';
import { workerName } from '../../adapters/system';
import { fillRedis } from '../support/fill-redis';
import type { TestClient } from '../support/mcp/mcp-clients';
import { startPolicyStack, type PolicyStack } from '../support/mcp/policy-stack';

let stack: PolicyStack;
let steps: PolicyStack['steps'];
let client: TestClient;

beforeAll(async () => {
	stack = await startPolicyStack();
	({ steps } = stack);
	await steps.ping();
	await fillRedis(steps.connection.client, 60_000);
	client = await stack.server.connect('viewer');
});

afterAll(async () => {
	await stack?.stop();
});

async function defined<Policy extends PolicyDefinition>(policy: Policy): Promise<Policy> {
	await steps.registry.note(policy, { id: 'w/n', title: 'a step' });
	return policy;
}

it('tells who holds slots of a bulkhead, and until when', async () => {
	const slots = await defined(definePolicy('bulkhead', 'slots', { maxConcurrentCalls: 2 }));
	const asked = { kind: 'bulkhead', name: 'slots' };
	const before = Date.now();
	const [first, second] = [steps.request([slots], 20_000), steps.request([slots], 60_000)];
	for (const request of [second, first]) await steps.store.admit(request);
	const { structured, text } = await client.call('inspect_policy', asked);
	const mine = { worker: workerName().slice(-40), pid: process.pid };
	expect((structured as any).holders).toEqual([
		{ permitId: first.permitId, ...mine, leaseUntil: expect.any(String) },
		{ permitId: second.permitId, ...mine, leaseUntil: expect.any(String) },
	]);
	const leftMs = Date.parse((structured as any).holders[1].leaseUntil) - before;
	expect(Math.abs(leftMs - 60_000)).toBeLessThan(5_000);
	expect(text).toContain(`a slot is held by process ${process.pid} of ${mine.worker}`);
	const resource = JSON.parse(await client.read('bulwark://policies/bulkhead/slots'));
	expect(resource.holders).toHaveLength(2);
	const ofBreaker = await defined(definePolicy('circuit-breaker', 'no slots'));
	const { structured: other } = await client.call('inspect_policy', {
		kind: ofBreaker.kind,
		name: ofBreaker.name,
	});
	expect(other).not.toHaveProperty('holders');
});

it('lists all keys of a policy, page by page, however many other keys Redis holds', async () => {
	const breaker = await defined(definePolicy('circuit-breaker', 'tenants'));
	const tenants = Array.from({ length: 250 }, (_, number) => `tenant ${number}`);
	for (const key of tenants) await steps.store.override(breaker, key, 'close');
	const asked = { kind: 'circuit-breaker', name: 'tenants' };
	const found = new Set<string>();
	let pages = 0;
	let cursor: string | undefined;
	do {
		const { structured } = await client.call('inspect_policy', { ...asked, cursor });
		const page = structured as { keys: string[]; hasMoreKeys: boolean; nextCursor?: string };
		for (const key of page.keys) found.add(key);
		cursor = page.nextCursor;
		expect(page.hasMoreKeys).toBe(cursor !== undefined);
		pages++;
	} while (cursor !== undefined);
	expect([...found].sort()).toEqual([...tenants].sort());
	expect(pages).toBeGreaterThan(1);
	// A resource has one page.
	const resource = JSON.parse(await client.read('bulwark://policies/circuit-breaker/tenants'));
	expect(resource).toMatchObject({ hasMoreKeys: true });
	expect(resource).not.toHaveProperty('nextKeys');
	const wrong = await client.call('inspect_policy', { ...asked, cursor: 'zzzz' });
	expect(wrong).toMatchObject({ isError: true, text: expect.stringContaining('INVALID_OPTION') });
});

it('names no holders of a slot whose lease is over, and those under a key by it', async () => {
	const slots = await defined(definePolicy('bulkhead', 'keyed', { maxConcurrentCalls: 2 }));
	const request = { ...steps.request([], 60_000), guards: [guard(slots, 'a tenant')] };
	const admission = await steps.store.admit(request);
	const asked = { kind: 'bulkhead', name: 'keyed' };
	const holders = async (key: string) =>
		((await client.call('inspect_policy', { ...asked, key })).structured as any).holders.length;
	expect([await holders(''), await holders('a tenant')]).toEqual([0, 1]);
	if (admission.status !== 'granted') throw new Error(admission.status);
	await steps.store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
	expect(await holders('a tenant')).toBe(0);
});
