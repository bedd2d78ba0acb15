import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../adapters/memory';
import {
	createPolicyStore,
	RedisConnection,
	ScriptRunner,
	StateKeys,
	TurnedAway,
	UsedPolicies,
	WakeUps,
	type RedisSettings,
	type SharedPolicyStore,
} from '../../../adapters/redis';
import { systemClock } from '../../../adapters/system';
import { ScopedBreakerStore } from '../../../core/breaker-scope';
import type { OutcomeKind } from '../../../core/outcome';
import { parseOptions } from '../../../core/options';
import { definePolicy, guard } from '../../../core/policies/define';
import { runOnceOptions } from '../../../core/policies/run-once';
import type { AdmitRequest, Permit, PolicyAddress, PolicyDefinition } from '../../../core/ports';
import { beginRequest } from '../../../core/run-once';
import { until } from '../../support/until';
import { changePlan } from '../../support/change-plan';
import { FakeClock } from '../../support/fake-clock';
import { openStore, type OpenStore } from '../../support/open-store';
import { startRedisCluster, type RedisCluster } from '../../support/redis-cluster';
import { ClusterPair, withLastingBreaker } from './cluster-pair';
import { plainSetting, step } from './shared-histories';

const STEPS = Number(process.env.BULWARK_CLUSTER_STEPS ?? 3_000);

let cluster: RedisCluster;
let settings: RedisSettings;
let connection: RedisConnection;
const opened: OpenStore[] = [];

beforeAll(async () => {
	cluster = await startRedisCluster();
	settings = { topology: { type: 'cluster', nodes: cluster.addresses } };
	connection = new RedisConnection(settings);
	await connection.ready();
});

afterEach(() => {
	for (const store of opened.splice(0)) store.close();
});

afterAll(async () => {
	connection.close();
	await cluster.stop();
});

/** A store as a process of its own would have it. */
async function open(): Promise<OpenStore> {
	const store = openStore(settings);
	opened.push(store);
	await store.connection.ready();
	return store;
}

let names = 0;
/** A name that lies on the given node, of three. */
async function nameOn(node: number): Promise<string> {
	for (;;) {
		const name = `policy ${names++}`;
		const tag = new StateKeys('').hashTag(name);
		const slot = (await cluster.masters[0]!.client.cluster('KEYSLOT', `{${tag}}`)) as number;
		if (Math.floor((slot * 3) / 16_384) === node) return name;
	}
}

const limiter = async (node: number, options = {}) =>
	definePolicy('rate-limiter', await nameOn(node), { limit: 10, periodMs: 60_000, ...options });
const bulkhead = async (node: number, options = {}) =>
	definePolicy('bulkhead', await nameOn(node), {
		maxConcurrentCalls: 1,
		maxWaitDurationMs: 0,
		...options,
	});
const breaker = async (node: number) => definePolicy('circuit-breaker', await nameOn(node), {});

async function granted(store: SharedPolicyStore, request: AdmitRequest): Promise<Permit> {
	const admission = await store.admit(request);
	if (admission.status !== 'granted') throw new Error(`It was ${admission.status}`);
	return admission.permit;
}

const figure = async (store: SharedPolicyStore, { kind, name }: PolicyDefinition, of: string) =>
	(await store.inspect({ kind, name, key: '' }))?.figures[of];

it('knows which master keeps a key', async () => {
	for (const key of ['123456789', 'é', '', 'a{b}c', '{}a', 'a{b', '{a}{b}', '{{a}}', '}{a}']) {
		const slot = (await cluster.masters[0]!.client.cluster('KEYSLOT', key)) as number;
		const { port } = cluster.masters[Math.floor((slot * 3) / 16_384)]!;
		expect([key, connection.masterOf(key)]).toEqual([key, `127.0.0.1:${port}`]);
	}
});

it('guards a call with policies on three nodes, and frees what it held', async () => {
	const { store, request } = await open();
	const [limit, circuit, slots] = [await limiter(0), await breaker(1), await bulkhead(2)];
	const permit = await granted(store, request([limit, circuit, slots]));
	expect(permit).toEqual(JSON.parse(JSON.stringify(permit)) as Permit);
	expect(await figure(store, limit, 'remaining')).toBe(9);
	expect(await figure(store, slots, 'holders')).toBe(1);
	expect(await store.extend(permit, 30_000)).toBe('held');
	expect(await store.settle(permit, { kind: 'failure', latencyMs: 1 })).toBe('held');
	expect(await store.settle(permit, { kind: 'failure', latencyMs: 1 })).toBe('held');
	expect(await figure(store, circuit, 'calls')).toBe(1);
	expect(await figure(store, slots, 'holders')).toBeUndefined();
});

it('takes a call back whole, from each node, whose answer was lost', async () => {
	const { store, request } = await open();
	const [limit, circuit, slots] = [await limiter(0), await breaker(1), await bulkhead(2)];
	const unheard = request([limit, circuit, slots]);
	await granted(store, unheard);
	await store.cancel(unheard);
	expect(await figure(store, limit, 'remaining')).toBe(10);
	expect(await figure(store, slots, 'holders')).toBeUndefined();
	expect(await store.admit(unheard)).toMatchObject({ status: 'rejected' });
	await granted(store, request([limit, circuit, slots]));
	expect(await figure(store, limit, 'remaining')).toBe(9);
});

it('consumes nothing when the policy on the last node turns the call away', async () => {
	const { store, request } = await open();
	const budget = definePolicy('retry-budget', await nameOn(1), { percentCanRetry: 100 });
	const [limit, slots] = [await limiter(0), await bulkhead(2)];
	const permit = await granted(store, request([slots]));
	for (let call = 0; call < 20; call++) {
		const rejected = request([limit, budget, slots]);
		expect(await store.admit(rejected)).toMatchObject({
			status: 'rejected',
			by: { policy: { kind: 'bulkhead' } },
		});
		// The same call may ask again.
		expect(await store.admit(rejected)).toMatchObject({ status: 'rejected' });
	}
	expect(await figure(store, limit, 'remaining')).toBe(10);
	await store.settle(permit, { kind: 'success', latencyMs: 1 });
	await granted(store, request([limit, budget, slots]));
	expect(await figure(store, limit, 'remaining')).toBe(9);
});

it('gives a slot back when a bulkhead on another node is full', async () => {
	const { store, request } = await open();
	const [free, full] = [await bulkhead(0), await bulkhead(1)];
	await granted(store, request([full]));
	expect(await store.admit(request([free, full]))).toMatchObject({ status: 'rejected' });
	await granted(store, request([free]));
});

it('keeps a place in a queue while it holds nothing of the other nodes, until a slot is free', async () => {
	const [here, there] = [await open(), await open()];
	const [limit, circuit] = [await limiter(0), await breaker(1)];
	const slots = await bulkhead(2, { maxWaitDurationMs: 60_000 });
	const first = await granted(here.store, here.request([limit, circuit, slots]));
	const waiting = there.request([limit, circuit, slots]);
	expect(await there.store.admit(waiting)).toMatchObject({ status: 'queued', ahead: 0 });
	expect(await figure(there.store, limit, 'remaining')).toBe(9);
	expect(await figure(there.store, slots, 'queued')).toBe(1);
	const turn = there.store.awaitTurn(waiting, 30_000);
	await here.store.settle(first, { kind: 'success', latencyMs: 1 });
	await turn;
	await granted(there.store, waiting);
	expect(await figure(there.store, limit, 'remaining')).toBe(8);
	expect(await figure(there.store, slots, 'queued')).toBe(0);
});

it('gives up the place in a queue when a policy on another node turns the call away', async () => {
	const { store, request } = await open();
	const [limit, slots] = [
		await limiter(0, { limit: 2 }),
		await bulkhead(1, { maxWaitDurationMs: 60_000 }),
	];
	await granted(store, request([limit, slots]));
	const waiting = request([limit, slots]);
	expect(await store.admit(waiting)).toMatchObject({ status: 'queued' });
	await granted(store, request([limit]));
	expect(await store.admit(waiting)).toMatchObject({ status: 'rejected' });
	expect(await figure(store, slots, 'queued')).toBe(0);
});

it('connects again after it was closed because nobody used it, and wakes who waits', async () => {
	const [here, there] = [await open(), await open()];
	const slots = await bulkhead(1, { maxWaitDurationMs: 60_000 });
	const TURN_MS = 4_000;
	for (let time = 0; time < 3; time++) {
		const first = await granted(here.store, here.request([slots]));
		const waiting = there.request([slots]);
		expect(await there.store.admit(waiting)).toMatchObject({ status: 'queued' });
		const askedAt = performance.now();
		const turn = there.store.awaitTurn(waiting, TURN_MS);
		await here.store.settle(first, { kind: 'success', latencyMs: 1 });
		await turn;
		expect(performance.now() - askedAt).toBeLessThan(TURN_MS / 2);
		await there.store.refund(await granted(there.store, waiting));
		const endings = [here, there].map(async ({ connection: used }) => {
			const listener = await used.listen();
			const end = new Promise((resolve) => listener.once('end', resolve));
			used.close();
			await end;
		});
		await Promise.all(endings);
	}
});

it('gives back to each limiter what was taken by the clock of its own master', async () => {
	const policies = [
		await limiter(0, { algorithm: 'sliding-window' }),
		await limiter(1, { algorithm: 'sliding-window' }),
		await limiter(2, { algorithm: 'fixed-window' }),
	];
	const keys = new StateKeys('');
	const tags = policies.map(({ name }) => `{${keys.hashTag(name)}}`);
	const now = Date.UTC(2026, 0, 1);
	/** Each node has a clock of its own, one segment of a window or a window ahead of the one before. */
	const times = [now, now + 6_000, now + 60_000];
	class ByClockOfNode extends ScriptRunner {
		override run(...[command, names, args]: Parameters<ScriptRunner['run']>) {
			const node = tags.findIndex((tag) => names[0]!.includes(tag));
			return super.run(command, names, [times[node]!, ...args.slice(1)]);
		}
	}
	const clock = new FakeClock();
	const store = createPolicyStore(settings.topology, {
		runner: new ByClockOfNode(connection),
		keys,
		used: new UsedPolicies(connection, keys, () => clock.now()),
		turnedAway: new TurnedAway(connection, keys, clock),
		wakeUps: new WakeUps(() => connection.listen(), 'wake:me', clock),
		newRequestId: () => `me:request ${names++}`,
		clock,
	});
	const request = { guards: policies.map((policy) => guard(policy)), attempt: 1, leaseMs: 1_000 };
	const kept = await granted(store, { ...request, permitId: `me:${names++}` });
	for (const [node] of times.entries()) times[node]! += 6_000;
	const permit = await granted(store, { ...request, permitId: `me:${names++}` });
	const permits = [kept, permit].map((one) => JSON.parse(JSON.stringify(one)) as Permit);
	for (const one of permits) await store.refund(one);
	for (const policy of policies) expect(await figure(store, policy, 'remaining')).toBe(10);
});

it('asks all policies at once where the prefix puts them on one node', async () => {
	const store = openStore({ ...settings, prefix: '{together}:' });
	opened.push(store);
	await store.connection.ready();
	const [limit, slots] = [await limiter(0), await bulkhead(1)];
	await granted(store.store, store.request([limit, slots]));
	expect(await figure(store.store, limit, 'remaining')).toBe(9);
});

it('gives the answers that the in-process store gives', async () => {
	let steps = 0;
	// One for all histories, as a process has one for all policies.
	const wakeUps = new WakeUps(() => connection.listen(), 'wake:me', new FakeClock());
	await fc.assert(
		fc.asyncProperty(
			plainSetting.map(withLastingBreaker),
			fc.array(step, { maxLength: 200, size: 'max' }),
			async (made, played) => {
				steps += played.length;
				const stores = new ClusterPair(made, connection, wakeUps);
				for (const [index, one] of played.entries()) await stores.play(one, index);
			},
		),
		{ numRuns: 10 + Math.ceil(STEPS / 70) },
	);
	expect(steps).toBeGreaterThanOrEqual(STEPS);
}, 3_600_000);

it('opens by quorum for calls that policies on other nodes guard too, and takes nothing of those then', async () => {
	const quorum = definePolicy('circuit-breaker', await nameOn(1), {
		scope: 'quorum',
		quorum: 2,
		consecutiveFailureThreshold: 1,
		waitDurationInOpenStateMs: 60_000,
	});
	const [limit, slots] = [await limiter(0, { limit: 100 }), await bulkhead(2)];
	const workers = await Promise.all(
		['one', 'two', 'three'].map(async (worker) => {
			const { store, request } = await open();
			const own = new MemoryPolicyStore(systemClock);
			const scoped = new ScopedBreakerStore(store, own, worker);
			const call = async (kind: OutcomeKind) => {
				const admission = await scoped.admit(request([limit, quorum, slots]));
				if (admission.status !== 'granted') return admission;
				await scoped.settle(admission.permit, { kind, latencyMs: 1 });
				return admission;
			};
			return { store: scoped, call };
		}),
	);
	const [one, two, three] = workers as [
		(typeof workers)[0],
		(typeof workers)[0],
		(typeof workers)[0],
	];
	await one.call('failure');
	// It finds it open itself; one vote is no quorum.
	expect(await one.call('success')).toMatchObject({ status: 'rejected' });
	expect(await three.call('success')).toMatchObject({ status: 'granted' });
	await two.call('failure');
	expect(await three.call('success')).toMatchObject({ status: 'rejected', by: { policy: quorum } });
	const { store } = await open();
	expect(await figure(store, limit, 'remaining')).toBe(97);
	expect(await figure(store, slots, 'holders')).toBeUndefined();
	await three.store.override(quorum, '', 'close');
	expect(await three.call('success')).toMatchObject({ status: 'granted' });
});

it('knows of named policies on all nodes, and of the keys that they have states under', async () => {
	const [here, there] = [await open(), await open()];
	const defined = [await limiter(0), await limiter(1), await limiter(2)];
	for (const policy of defined) {
		await here.registry.note(policy, { id: 'here', title: 'a step here' });
		expect((await there.registry.find(policy.kind, policy.name))?.policy).toEqual(policy);
		const changed = definePolicy(policy.kind, policy.name, { ...policy.options, limit: 20 });
		// Of two definitions of one millisecond neither is the newer one.
		const notedAt = Date.now();
		await until(() => Date.now() > notedAt);
		const { conflicts } = await there.registry.note(changed, { id: 'there', title: 'another' });
		expect(conflicts).toMatchObject([{ differences: [{ option: 'limit', newer: 20, older: 10 }] }]);
	}
	const names = defined.map(({ name }) => name).sort();
	expect(await there.registry.names('rate-limiter')).toEqual(names);
	const { policies } = await here.registry.list({ limit: 100 });
	expect(policies.map(({ policy }) => policy.name).sort()).toEqual(names);

	const keys = there.policyKeys;
	for (const policy of defined) {
		await granted(here.store, { ...here.request([]), guards: [guard(policy, 'a user')] });
		const found: string[] = [];
		let after: string | undefined;
		do {
			const page = await keys.keysOf(policy, after);
			found.push(...page.keys);
			after = page.next;
		} while (after !== undefined);
		expect(found).toEqual(['a user']);
	}

	const states: PolicyAddress[] = [];
	for (let after: string | undefined, isFirst = true; isFirst || after !== undefined;) {
		const page = await keys.states(after);
		states.push(...page.states);
		[after, isFirst] = [page.next, false];
	}
	for (const { kind, name } of defined)
		expect(states).toContainEqual({ kind, name, key: 'a user' });
});

it('runs work once for keys that lie on all nodes, and wakes who waits on any', async () => {
	const [first, second] = [await open(), await open()];
	const policy = { name: 'orders', options: parseOptions(runOnceOptions, {}) };
	const keys = Array.from({ length: 30 }, (_, index) => `${index}`);
	const nodes = new Set<number>();
	for (const key of keys) {
		const [record] = new StateKeys('').ofRun({ name: policy.name, key });
		const slot = (await cluster.masters[0]!.client.cluster('KEYSLOT', record)) as number;
		nodes.add(Math.floor((slot * 3) / 16_384));
		const mine = await first.runs.begin(beginRequest(policy, key, first.newId(), 30_000));
		assert(mine.status === 'started');
		const theirs = beginRequest(policy, key, second.newId(), 30_000);
		assert.equal((await second.runs.begin(theirs)).status, 'running');
		const turn = second.runs.awaitEnd(theirs, 60_000);
		await first.runs.end(mine.run, { state: 'done', resultJson: key });
		await turn;
		assert.partialDeepStrictEqual(await second.runs.begin(theirs), {
			status: 'ended',
			end: { state: 'done', resultJson: key },
		});
	}
	expect(nodes.size).toBe(3);
}, 50_000);

it('keeps plans on the node of their id, and lets one of two use each', async () => {
	const [first, second] = [await open(), await open()];
	for (let count = 0; count < 10; count++) {
		const plan = changePlan();
		await first.plans.save(plan, 60_000);
		const used = await Promise.all([first.plans.use(plan.id), second.plans.use(plan.id)]);
		expect(used.filter(Boolean)).toHaveLength(1);
		expect(await second.plans.find(plan.id)).toEqual({ plan, isUsed: true });
	}
});
