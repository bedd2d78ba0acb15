import { MemoryPolicyStore } from '../../../adapters/memory';
import { systemClock } from '../../../adapters/system';
import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyDefinition, PolicyKeys, PolicyStore } from '../../../core/ports';
import { until } from '../../support/until';
import { useOpenStore } from '../../support/use-open-store';

const opened = useOpenStore();

const NAME = 'api [eu]*?{x}';

/** None of them is idle before the test ends. */
const policies = [
	definePolicy('circuit-breaker', NAME, { failureRateThreshold: 50 }),
	definePolicy('bulkhead', NAME),
	definePolicy('rate-limiter', NAME, { limit: 1, periodMs: 3_600_000, burst: 5 }),
	definePolicy('retry-budget', NAME, { ttlMs: 3_600_000 }),
];

const memory = () => {
	const store = new MemoryPolicyStore(systemClock);
	return { store: store as PolicyStore, keys: store as PolicyKeys };
};

const redis = () => ({
	store: opened.store as PolicyStore,
	keys: opened.policyKeys as PolicyKeys,
});

async function allKeys(keys: PolicyKeys, policy: PolicyDefinition): Promise<string[]> {
	const found = new Set<string>();
	let next: string | undefined;
	do {
		const page = await keys.keysOf(policy, next);
		for (const key of page.keys) found.add(key);
		next = page.next;
	} while (next !== undefined);
	return [...found].sort();
}

it.each([
	['the process', memory],
	['Redis', redis],
])('finds in %s all keys that a policy has states under, page by page', async (_, open) => {
	const { store, keys } = open();
	const used = ['', ...Array.from({ length: 1_200 }, (_unused, number) => `user ${number}`)];
	const other = definePolicy('circuit-breaker', 'api e*?{x}', { failureRateThreshold: 50 });
	await store.admit({ ...opened.request([other]), guards: [guard(other, 'not me')] });
	await Promise.all(
		used.map(async (key) => {
			const guards = policies.map((policy) => guard(policy, key));
			const admission = await store.admit({ ...opened.request(policies), guards });
			if (admission.status !== 'granted') throw new Error('There should be room for all');
			// A breaker has a window then, which is a key of its own on a server; a slot is free again.
			if (key !== 'user 3') await store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
		}),
	);
	for (const policy of policies.filter(({ kind }) => kind !== 'bulkhead'))
		expect(await allKeys(keys, policy)).toEqual([...used].sort());
	expect(await allKeys(keys, policies[1]!)).toContain('user 3');
	expect(await allKeys(keys, other)).toEqual(['not me']);
	expect(await allKeys(keys, definePolicy('bulkhead', 'unknown'))).toEqual([]);
});

it.each([
	['the process', memory],
	['Redis', redis],
])('tells in %s who holds slots of a bulkhead, those whose leases end first', async (_, open) => {
	const { store, keys } = open();
	const slots = definePolicy('bulkhead', 'slots', { maxConcurrentCalls: 5 });
	const requests = [40_000, 1, 20_000, 60_000].map((leaseMs) => opened.request([slots], leaseMs));
	for (const request of requests) await store.admit(request);
	const [second, lapsed, first] = requests.map(({ permitId }) => permitId);
	await until(async () => {
		const all = await keys.holdersOf(slots, '', 100);
		return all.every(({ permitId }) => permitId !== lapsed);
	});
	const found = await keys.holdersOf(slots, '', 2);
	expect(found.map(({ permitId }) => permitId)).toEqual([first, second]);
	expect(Math.abs(found[0]!.leaseUntil - Date.now() - 20_000)).toBeLessThan(5_000);
	expect(await keys.holdersOf(slots, 'another key', 2)).toEqual([]);
	expect(await keys.holdersOf(policies[0]!, '', 2)).toEqual([]);
});
