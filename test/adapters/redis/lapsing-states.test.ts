import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { lapsingKeys } from './lapsing-keys';
import { useStoreByClock } from './store-by-clock';

const IDLE_RESET_MS = 10_000;

const redis = useStoreByClock();

const breaker: PolicyDefinition = definePolicy('circuit-breaker', 'breaker', {
	slidingWindowSize: 10,
	minimumNumberOfCalls: 10,
	failureRateThreshold: 50,
	idleResetMs: IDLE_RESET_MS,
});

it('keeps the calls of a breaker for as long as its state', async () => {
	const clock = new FakeClock();
	const store = redis.open(clock);
	const lapse = lapsingKeys(redis.client);
	let ids = 0;
	const call = async (kind: 'success' | 'failure') => {
		const permitId = `me:${ids++}`;
		const guards = [guard(breaker)];
		const answer = await store.admit({ permitId, guards, attempt: 1, leaseMs: 30_000 });
		if (answer.status !== 'granted') throw new Error(`The call was ${answer.status}`);
		await store.settle(answer.permit, { kind, latencyMs: 5, throttled: false });
	};
	const wait = async (idleResets: number) => {
		clock.advance(idleResets * IDLE_RESET_MS);
		await lapse(idleResets * IDLE_RESET_MS);
	};

	for (let index = 0; index < 10; index++) await call(index < 4 ? 'failure' : 'success');
	await wait(0.9);
	await call('success');
	await wait(0.24);
	await call('success');
	await wait(0.92);
	for (let index = 0; index < 10; index++) await call(index < 3 ? 'failure' : 'success');
	const address = { kind: breaker.kind, name: breaker.name, key: '' };
	expect(await store.inspect(address)).toMatchObject({
		state: 'closed',
		figures: { calls: 10, failureRate: 30 },
	});
	for (const key of await redis.client.keys('*'))
		expect(await redis.client.pttl(key)).toBeGreaterThan(0);
});
