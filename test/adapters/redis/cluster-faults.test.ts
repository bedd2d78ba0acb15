import { setTimeout as sleep } from 'node:timers/promises';

import { definePolicy } from '../../../core/policies/define';
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
	cluster = await startRedisCluster({ 'cluster-node-timeout': `${NODE_TIMEOUT_MS}` });
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

it('is back within seconds for what a master had that died, and goes on with the rest', async () => {
	const names = await namesByOwner(2);
	const policies = names
		.flat()
		.map((name) => definePolicy('bulkhead', name, { maxConcurrentCalls: 1 }));
	const answers: Array<{ name: string; at: number }> = [];
	const failures: Array<{ name: string; at: number }> = [];
	let isOver = false;
	const callers = policies.map(async (policy) => {
		const { name } = policy;
		while (!isOver) {
			try {
				const admission = await opened.store.admit(opened.request([policy], 1_000));
				answers.push({ name, at: sharedNow() });
				await sleep(5);
				if (admission.status === 'granted')
					await opened.store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
			} catch {
				failures.push({ name, at: sharedNow() });
				await sleep(50);
			}
		}
	});
	await sleep(300);
	expect(failures).toEqual([]);
	const diedAt = sharedNow();
	await cluster.masters[0]!.stop();
	const isBack = () =>
		names[0]!.every((name) =>
			answers.some((answer) => answer.name === name && answer.at > diedAt + NODE_TIMEOUT_MS),
		);
	await until(isBack);
	const backAt = sharedNow();
	await sleep(300);
	isOver = true;
	await Promise.all(callers);

	expect(backAt - diedAt).toBeLessThan(BACK_WITHIN_MS);
	for (const { name } of failures) expect(names[0]).toContain(name);
	noteFigure('cluster: back after a master died', backAt - diedAt, 'ms');
	for (const name of names.slice(1).flat())
		expect(
			answers.filter((answer) => answer.name === name && answer.at > diedAt && answer.at < backAt)
				.length,
		).toBeGreaterThan(20);
});
