import {
	PolicyRegistry,
	RedisConnection,
	RedisPolicyStore,
	ScriptRunner,
	StateKeys,
	WakeUps,
} from '../../../adapters/redis';
import { createPermitIds, systemClock } from '../../../adapters/system';
import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { FaultProxy } from '../../support/fault-proxy';
import { startRedis, type RedisServer } from '../../support/redis-server';

let server: RedisServer;
let proxy: FaultProxy;
const connections: RedisConnection[] = [];

beforeAll(async () => {
	server = await startRedis();
	proxy = await FaultProxy.start(server.port);
});

afterEach(async () => {
	for (const connection of connections.splice(0)) connection.close();
	await proxy.reset();
});

afterAll(async () => {
	await proxy.stop();
	await server.stop();
});

/** A store as a process of its own would have it. */
async function openStore(port = proxy.port) {
	const connection = new RedisConnection({
		topology: { type: 'standalone', address: { host: '127.0.0.1', port } },
	});
	connections.push(connection);
	await connection.ready();
	const keys = new StateKeys('test:');
	const newId = createPermitIds();
	const processId = newId().split(':')[0]!;
	const store = new RedisPolicyStore({
		runner: new ScriptRunner(connection),
		keys,
		registry: new PolicyRegistry(connection.client, keys, () => systemClock.now()),
		wakeUps: new WakeUps(() => connection.listen(), keys.wakeChannel + processId, systemClock),
		newRequestId: newId,
		clock: systemClock,
	});
	const request = (...policies: PolicyDefinition[]) => ({
		permitId: newId(),
		guards: policies.map((policy) => guard(policy)),
		attempt: 1,
		leaseMs: 30_000,
	});
	return { connection, store, request };
}

let names = 0;
const limiter = () =>
	definePolicy('rate-limiter', `limiter ${names++}`, { limit: 10, periodMs: 60_000 });
const bulkhead = (options = {}) =>
	definePolicy('bulkhead', `bulkhead ${names++}`, { maxConcurrentCalls: 1, ...options });

const remaining = async (store: RedisPolicyStore, { name }: PolicyDefinition) =>
	(await store.inspect({ kind: 'rate-limiter', name, key: '' }))?.figures.remaining;

it('counts a call once when the answer is lost after the script ran', async () => {
	const policy = limiter();
	const { store, request } = await openStore();
	await store.admit(request(policy));
	proxy.addToxic({ type: 'timeout', stream: 'downstream', attributes: { timeout: 5 } });
	const admission = store.admit(request(policy));
	setTimeout(() => proxy.removeToxic('timeout_downstream'), 5);
	expect((await admission).status).toBe('granted');
	expect(await remaining(store, policy)).toBe(8);
});

it('gives a call back once when the answer is lost after the script ran', async () => {
	const policy = limiter();
	const { store, request } = await openStore();
	const admitted = [await store.admit(request(policy)), await store.admit(request(policy))];
	if (admitted[0]!.status !== 'granted') throw new Error('It must be free');
	proxy.addToxic({ type: 'timeout', stream: 'downstream', attributes: { timeout: 5 } });
	const refund = store.refund(admitted[0]!.permit);
	setTimeout(() => proxy.removeToxic('timeout_downstream'), 5);
	await refund;
	expect(await remaining(store, policy)).toBe(9);
});

it('knows its scripts again after they were flushed', async () => {
	const policy = limiter();
	const { connection, store, request } = await openStore();
	await store.admit(request(policy));
	await connection.client.script('FLUSH');
	expect((await store.admit(request(policy))).status).toBe('granted');
	expect(await remaining(store, policy)).toBe(8);
});

it('wakes a call of another process as soon as a slot is free', async () => {
	const policy = bulkhead({ maxWaitDurationMs: 60_000 });
	const [first, second] = [await openStore(), await openStore()];
	const held = await first.store.admit(first.request(policy));
	if (held.status !== 'granted') throw new Error('It must be free');
	const waiting = second.request(policy);
	expect((await second.store.admit(waiting)).status).toBe('queued');
	let isCalled = false;
	const turn = second.store.awaitTurn(waiting, 60_000).then(() => (isCalled = true));
	await first.store.settle(held.permit, { kind: 'success', latencyMs: 1 });
	await turn;
	expect(isCalled).toBe(true);
	expect((await second.store.admit(waiting)).status).toBe('granted');
});

it('fails at once while Redis refuses connections, and works again when it does not', async () => {
	const policy = limiter();
	const { connection, store, request } = await openStore();
	await store.admit(request(policy));
	await proxy.disable();
	await expect(store.admit(request(policy))).rejects.toThrow();
	await proxy.enable();
	await connection.ready();
	expect((await store.admit(request(policy))).status).toBe('granted');
});
