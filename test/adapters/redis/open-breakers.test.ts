import { definePolicy } from '../../../core/policies/define';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';

let server: RedisServer;
let here: OpenStore;
let elsewhere: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	[here, elsewhere] = [openStore(standalone(server.port)), openStore(standalone(server.port))];
	await Promise.all([here.ping(), elsewhere.ping()]);
});

afterAll(async () => {
	here.close();
	elsewhere.close();
	await server.stop();
});

const breaker = (name: string) =>
	definePolicy('circuit-breaker', name, { waitDurationInOpenStateMs: 3_600_000 });

const ask = (policy: ReturnType<typeof breaker>) => here.store.admit(here.request([policy]));

it('answers at once for a breaker that it was told is open', async () => {
	const policy = breaker('told');
	await elsewhere.store.override(policy, '', 'open');

	const first = ask(policy);
	expect(first).toBeInstanceOf(Promise);
	const told = await first;
	expect(told.status).toBe('rejected');

	expect(ask(policy)).toEqual({ ...told, retryAfterMs: expect.any(Number) });
});

it('hears within about a second that somebody else closed it', async () => {
	const policy = breaker('closed');
	await elsewhere.store.override(policy, '', 'open');
	await ask(policy);
	const closedAt = Date.now();
	await elsewhere.store.override(policy, '', 'close');

	await until(async () => (await ask(policy)).status === 'granted');
	expect(Date.now() - closedAt).toBeLessThan(2_500);
});

it('asks again when it was closed by its own process', async () => {
	const policy = breaker('own');
	await here.store.override(policy, '', 'open');
	await ask(policy);
	await here.store.override(policy, '', 'close');

	expect((await ask(policy)).status).toBe('granted');
});

it('keeps no rejection of a half-open breaker, which any probe may close', async () => {
	const policy = definePolicy('circuit-breaker', 'probing', {
		waitDurationInOpenStateMs: 1,
		permittedNumberOfCallsInHalfOpenState: 1,
	});
	await elsewhere.store.override(policy, '', 'open');
	let probe = await elsewhere.store.admit(elsewhere.request([policy]));
	await until(async () => {
		if (probe.status !== 'granted')
			probe = await elsewhere.store.admit(elsewhere.request([policy]));
		return probe.status === 'granted';
	});
	expect((await here.store.admit(here.request([policy]))).status).toBe('rejected');

	if (probe.status === 'granted')
		await elsewhere.store.settle(probe.permit, { kind: 'success', latencyMs: 1 });
	expect((await here.store.admit(here.request([policy]))).status).toBe('granted');
});
