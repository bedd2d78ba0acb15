import { definePolicy } from '../../../core/policies/define';
import { FaultProxy } from '../../support/fault-proxy';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';

/** One way. A new connection takes several times as long as a request. */
const LATENCY_MS = 40;

let server: RedisServer;
let proxy: FaultProxy;
let far: OpenStore;
let near: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	proxy = await FaultProxy.start(server.port);
	for (const stream of ['upstream', 'downstream'] as const)
		proxy.addToxic({ name: stream, type: 'latency', stream, attributes: { latency: LATENCY_MS } });
	far = openStore(standalone(proxy.port));
	near = openStore(standalone(server.port));
	await Promise.all([far.connection.ready(), near.connection.ready()]);
	await far.store.check();
});

afterAll(async () => {
	far.close();
	near.close();
	await proxy.stop();
	await server.stop();
});

it('lets no call that may queue wait for the connection that listens, and misses no turn meanwhile', async () => {
	const bulkhead = (maxWaitDurationMs: number) =>
		definePolicy('bulkhead', 'api', { maxConcurrentCalls: 1, maxWaitDurationMs });
	const first = await near.store.admit(near.request([bulkhead(0)]));
	if (first.status !== 'granted') throw new Error(first.status);
	const request = far.request([bulkhead(60_000)]);
	const queued = await far.store.admit(request);
	expect(queued.status).toBe('queued');
	// The answer was there before the connection that it asked for.
	expect(await isListening()).toBe(false);

	await near.store.settle(first.permit, { kind: 'success', latencyMs: 1 });
	await far.store.awaitTurn(request, 20_000);
	expect(await isListening()).toBe(true);
	expect((await far.store.admit(request)).status).toBe('granted');
});

const isListening = async (): Promise<boolean> =>
	/ sub=1 /.test((await near.connection.client.call('CLIENT', 'LIST')) as string);
