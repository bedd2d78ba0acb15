import type { PolicyDefinition } from '../../../core/ports';
import { definePolicy, guard } from '../../../core/policies/define';
import { until } from '../../support/until';
import { useOpenStore } from '../../support/use-open-store';

const opened = useOpenStore();

const USE = 'bulwark:{p:api}:policy:rate-limiter';

/** One call of one execution, which defines its policies anew. */
const call = async (limit: number) =>
	await opened.store.admit(opened.request([definePolicy('rate-limiter', 'api', { limit })]));

it('notes which policies are used once, however many executions define them alike', async () => {
	const { client } = opened.connection;
	await call(5);
	await until(async () => (await client.exists(USE)) === 1);
	await client.del(USE);
	for (let executions = 0; executions < 3; executions++) await call(5);
	expect(await client.exists(USE)).toBe(0);
	await call(6);
	await until(async () => (await client.exists(USE)) === 1);
});

it('keeps states apart whose keys look like parts of one another, and those of others usable', async () => {
	const breaker = definePolicy('circuit-breaker', 'users', { minimumNumberOfCalls: 1 });
	const keys = ['bob', 'bob:calls', 'bob:state', 'bob:probes', ':calls', ''];
	for (let times = 0; times < 2; times++)
		for (const key of keys) {
			const request = { ...opened.request([breaker]), guards: [guard(breaker, key)] };
			const admission = await opened.store.admit(request);
			if (admission.status !== 'granted') throw new Error(admission.status);
			await opened.store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
		}
	for (const key of keys)
		expect(
			await opened.store.inspect({ kind: 'circuit-breaker', name: 'users', key }),
		).toMatchObject({ state: 'closed', figures: { calls: 2 } });
});

it('keeps apart names and keys that were cut within a character, and tells of them as they are', async () => {
	const { store, registry, request, policyKeys } = opened;
	const cut = ['\ud83d', '\udc4d', '\ud83d\udc4d', 'a\ud83d', '\uFFFD', '\uFFFDd83d;', '%'];
	for (const name of cut) {
		const slot = definePolicy('bulkhead', name, { maxConcurrentCalls: 1 });
		await registry.note(slot, { id: 'here', title: 'a step' });
		for (const key of cut) {
			const admission = await store.admit({ ...request([]), guards: [guard(slot, key)] });
			expect([name, key, admission.status]).toEqual([name, key, 'granted']);
		}
		const found: string[] = [];
		let after: string | undefined;
		do {
			const page = await policyKeys.keysOf(slot, after);
			found.push(...page.keys);
			after = page.next;
		} while (after !== undefined);
		expect(new Set(found)).toEqual(new Set(cut));
	}
	expect(new Set(await registry.names('bulkhead'))).toEqual(new Set(cut));
	const { policies } = await registry.list({ limit: 100 });
	expect(new Set(policies.map(({ policy }) => policy.name))).toEqual(new Set(cut));
});

it('says that it is the state which cannot be used, when something else lies there', async () => {
	await opened.connection.client.set('bulwark:{p:odd}:circuit-breaker::state', 'something else');
	const odd = definePolicy('circuit-breaker', 'odd', {});
	await expect(opened.store.admit(opened.request([odd]))).rejects.toMatchObject({
		code: 'STORE_STATE_INVALID',
		remedy: expect.stringContaining('Reset'),
	});
});

it.each(['circuit-breaker', 'rate-limiter', 'bulkhead'] as const)(
	'lets a %s be reset, where something else lies in place of its state',
	async (kind) => {
		const { client } = opened.connection;
		const odd = definePolicy(kind, `odd ${kind}`, {}) as PolicyDefinition;
		const admitted = async () => await opened.store.admit(opened.request([odd]));
		await opened.store.override(odd, '', 'reset');
		await admitted();
		const [state] = (await client.keys('bulwark:{p:odd *')).filter((key) =>
			key.includes(`}:${kind}`),
		);
		for (const type of ['text', 'list']) {
			await client.del(state!);
			await (type === 'text' ? client.set(state!, 'else') : client.lpush(state!, 'else'));
			await expect(admitted()).rejects.toMatchObject({ code: 'STORE_STATE_INVALID' });
			await opened.store.override(odd, '', 'reset');
			expect(await admitted()).toMatchObject({ status: 'granted' });
		}
	},
);

it('says that a policy cannot be looked at whose definition this version cannot go by', async () => {
	const address = { kind: 'rate-limiter', name: 'api', key: '' } as const;
	for (const text of ['{"limit":0}', 'garbage', 'null']) {
		await opened.connection.client.set(USE, text);
		const looked = opened.store.inspect(address);
		await expect(looked).rejects.toMatchObject({
			code: 'STORE_STATE_INVALID',
			message: expect.not.stringContaining('garbage'),
			remedy: expect.stringContaining('notes it anew'),
		});
	}
	await opened.connection.client.set(USE, '{"limit":7,"ofAnotherVersion":1}');
	await call(7);
	expect(await opened.store.inspect(address)).toMatchObject({ address, state: 'active' });
});
