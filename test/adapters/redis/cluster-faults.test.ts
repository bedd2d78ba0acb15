import { setTimeout as sleep } from 'node:timers/promises';

import { MemoryPolicyStore } from '../../../adapters/memory';
import { RedisStores } from '../../../adapters/redis';
import { systemClock } from '../../../adapters/system';
import { definePolicy } from '../../../core/policies/define';
import { askInTime, OutageTolerantStore, StoreParts } from '../../../core/store-outage';
import { overLimit, tooManyHolders, type CallRecord } from '../../support/call-history';
import { documentedClusterRights, documentedRights } from '../../support/documented-rights';
import { noteFigure } from '../../support/note-figure';
import { openStore, type OpenStore } from '../../support/open-store';
import { plantedSecret } from '../../support/planted-secrets';
import {
	startRedisCluster,
	type ClusterNode,
	type RedisCluster,
} from '../../support/redis-cluster';
import { hammer, sharedNow } from '../../support/store-workers';
import { until } from '../../support/until';

const NODE_TIMEOUT_MS = 1_500;

/** The other masters need a node time-out to call one dead, and some more to vote for its replica. */
const BACK_WITHIN_MS = NODE_TIMEOUT_MS + 8_000;

const SLOTS = 2;
const WINDOW = { limit: 30, periodMs: 300 };
const LEASE_MS = 30_000;

let cluster: RedisCluster;
let opened: OpenStore;

beforeAll(async () => {
	cluster = await startRedisCluster({
		'cluster-node-timeout': `${NODE_TIMEOUT_MS}`,
		// Else all nodes refuse all requests while some slots have no master.
		'cluster-require-full-coverage': 'no',
	});
	opened = openStore({ topology: { type: 'cluster', nodes: cluster.addresses } });
	await opened.store.check();
}, 60_000);

afterAll(async () => {
	opened.close();
	await cluster.stop();
});

const slotOf = async (name: string): Promise<number> =>
	(await cluster.masters[2]!.client.cluster('KEYSLOT', `{p:${name}}`)) as number;

const ownerOf = (slot: number): number => Math.floor((slot * cluster.masters.length) / 16_384);

/** Names of which each master keeps as many. */
async function namesByOwner(count: number): Promise<string[][]> {
	const names: string[][] = cluster.masters.map(() => []);
	for (let index = 0; names.some(({ length }) => length < count); index++) {
		const name = `policy ${index}`;
		const owned = names[ownerOf(await slotOf(name))]!;
		if (owned.length < count) owned.push(name);
	}
	return names;
}

/** A store as a process has it that turns calls away while it cannot ask. */
function tolerant() {
	const redis = new RedisStores(
		{ topology: { type: 'cluster', nodes: cluster.addresses } },
		{
			clock: systemClock,
			newId: opened.newId,
			askOf: (part) => askInTime(parts.healthOf(part), systemClock),
		},
	);
	const parts: StoreParts = new StoreParts(systemClock, (part) => redis.check(part));
	const store = new OutageTolerantStore(
		redis.policies,
		new MemoryPolicyStore(systemClock),
		parts.by((name) => redis.partOfPolicy(name)),
		systemClock,
		'reject',
	);
	const close = (): void => {
		parts.stop();
		redis.close();
	};
	return { redis, store, close };
}

const isGranted = ({ status }: CallRecord) => status === 'granted';

/** Moves a slot with all its keys, as `redis-cli --cluster reshard` does. */
async function moveSlot(slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
	await to.client.cluster('SETSLOT', slot, 'IMPORTING', from.id);
	await from.client.cluster('SETSLOT', slot, 'MIGRATING', to.id);
	for (;;) {
		const keys = (await from.client.cluster('GETKEYSINSLOT', slot, 50)) as string[];
		if (keys.length === 0) break;
		await from.client.call('MIGRATE', '127.0.0.1', to.port, '', 0, 1_000, 'KEYS', ...keys);
	}
	// Calls find it half moved for a while.
	await sleep(200);
	for (const { client } of [to, from]) await client.cluster('SETSLOT', slot, 'NODE', to.id);
}

it('needs no more rights than are documented for a cluster', async () => {
	const rights = [...documentedRights, ...documentedClusterRights];
	const password = plantedSecret('cluster');
	for (const { client } of [...cluster.masters, ...cluster.replicas])
		await client.call('ACL', 'SETUSER', 'bulwark', 'reset', 'on', `>${password}`, ...rights);
	const user = openStore({
		topology: { type: 'cluster', nodes: cluster.addresses },
		username: 'bulwark',
		password,
	});
	const guards = (await namesByOwner(1)).map(([name]) =>
		definePolicy('bulkhead', name!, { maxConcurrentCalls: 1, maxWaitDurationMs: 60_000 }),
	);
	const first = await user.store.admit(user.request(guards));
	const waiting = user.request(guards);
	expect((await user.store.admit(waiting)).status).toBe('queued');
	const turn = user.store.awaitTurn(waiting, 60_000);
	if (first.status === 'granted')
		await user.store.settle(first.permit, { kind: 'success', latencyMs: 1 });
	await turn;
	await user.store.withdraw(waiting);
	user.close();
	for (const { client } of cluster.masters) expect(await client.call('ACL', 'LOG')).toEqual([]);
});

it('keeps every limit while slots move to and fro under load', async () => {
	const [first, second] = [cluster.masters[1]!, cluster.masters[2]!];
	const names = (await namesByOwner(2))[1]!;
	const [slots, window] = [
		definePolicy('bulkhead', names[0]!, { maxConcurrentCalls: SLOTS, maxWaitDurationMs: 0 }),
		definePolicy('rate-limiter', names[1]!, WINDOW),
	];
	const history = hammer(opened, {
		policies: [slots, window],
		durationMs: 4_000,
		inFlight: 12,
		leaseMs: LEASE_MS,
		longCalls: 0,
		abandonedCalls: 0,
		seed: 1,
	});
	for (const name of names) {
		const slot = await slotOf(name);
		await moveSlot(slot, first, second);
		await moveSlot(slot, second, first);
	}
	// None failed.
	const calls = await history;
	const held = calls.filter(({ policy }) => policy === slots.name);
	expect(tooManyHolders(held, SLOTS, LEASE_MS)).toEqual([]);
	expect(held.filter(isGranted).length).toBeGreaterThan(50);
	const counted = calls.filter(({ policy }) => policy === window.name);
	expect(overLimit(counted, WINDOW.limit, WINDOW.periodMs)).toEqual([]);
	expect(counted.filter(isGranted).length).toBeGreaterThan(2 * WINDOW.limit);
});

it('finds the stored results of all masters but one that stands still', async () => {
	const [still, ...others] = cluster.masters;
	const { redis, close } = tolerant();
	try {
		await redis.connection.ready();
		const keys = others.map(({ port }) => {
			const isThere = (key: string) => redis.connection.masterOf(key) === `127.0.0.1:${port}`;
			for (let index = 0; ; index++)
				if (isThere(`bulwark:result:result ${index}`)) return `result ${index}`;
		});
		for (const key of keys) await redis.results.set(key, key, 60_000);
		still!.process.kill('SIGSTOP');
		const reads = 60;
		let missed = 0;
		for (let read = 0; read < reads; read++) {
			const key = keys[read % keys.length]!;
			if ((await redis.results.get(key))?.value !== key) missed++;
		}
		// A busy machine keeps one waiting now and then.
		expect(missed).toBeLessThan(reads / 10);
	} finally {
		still!.process.kill('SIGCONT');
		close();
	}
});

it('is back within seconds for what a master had that died, and goes on with the rest', async () => {
	const names = await namesByOwner(2);
	const policies = names
		.flat()
		.map((name) => definePolicy('bulkhead', name, { maxConcurrentCalls: 1 }));
	const { store, close } = tolerant();
	const verdicts: Array<{ name: string; at: number; tookMs: number; isDown: boolean }> = [];
	let isOver = false;
	const callers = policies.map(async (policy) => {
		const { name } = policy;
		while (!isOver) {
			const askedAt = sharedNow();
			const admission = await store.admit(opened.request([policy], 1_000));
			const at = sharedNow();
			const isDown = admission.status === 'rejected' && admission.isStoreDown === true;
			verdicts.push({ name, at, tookMs: at - askedAt, isDown });
			await sleep(5);
			if (admission.status === 'granted')
				await store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
		}
	});
	await sleep(300);
	const diedAt = sharedNow();
	await cluster.masters[0]!.stop();
	const isBack = () =>
		names[0]!.every((name) =>
			verdicts.some(
				(verdict) =>
					verdict.name === name && !verdict.isDown && verdict.at > diedAt + NODE_TIMEOUT_MS,
			),
		);
	await until(isBack);
	const backAt = sharedNow();
	await sleep(300);
	isOver = true;
	await Promise.all(callers);
	close();

	expect(backAt - diedAt).toBeLessThan(BACK_WITHIN_MS);
	noteFigure('cluster: back after a master died', backAt - diedAt, 'ms');
	noteFigure('cluster: longest verdict', Math.max(...verdicts.map(({ tookMs }) => tookMs)), 'ms');
	const meanwhile = (name: string) =>
		verdicts.filter(
			(verdict) => verdict.name === name && verdict.at > diedAt && verdict.at < backAt,
		);
	const shareDown = (of: typeof verdicts) => of.filter(({ isDown }) => isDown).length / of.length;
	for (const name of names[0]!) expect(shareDown(meanwhile(name))).toBeGreaterThan(0.5);
	// Those of the others go by their masters, but for what a busy machine keeps waiting.
	for (const name of names.slice(1).flat()) {
		expect(meanwhile(name).length).toBeGreaterThan(20);
		expect(shareDown(meanwhile(name))).toBeLessThan(0.1);
	}
});
