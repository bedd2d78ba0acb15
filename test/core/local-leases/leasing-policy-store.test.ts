import { MemoryPolicyStore } from '../../../adapters/memory';
import { LeasingPolicyStore } from '../../../core/local-leases';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission } from '../../../core/ports';
import { OutageTolerantStore, StoreHealth } from '../../../core/store-outage';
import { FakeClock, settled } from '../../support/fake-clock';
import { limiterOf, newPermitId, requestOf, SharedStore } from './shared-store';

function setUp(options: object = {}) {
	const clock = new FakeClock();
	// Not where one lease time ends and another begins.
	clock.advance(5);
	const shared = new SharedStore(clock);
	const store = new LeasingPolicyStore(shared.store, clock, newPermitId);
	const policy = limiterOf({ limit: 10_000, periodMs: 1_000, ...options });
	const call = (weight = 1, priority = 0) =>
		store.admit(requestOf(guard(policy, '', weight, priority)));
	const remaining = () =>
		shared.inside.inspect({ kind: 'rate-limiter', name: 'limiter', key: '' })?.figures.remaining;
	return { clock, shared, store, policy, call, remaining };
}

describe('a local lease', () => {
	it('answers most calls at once, with one request for as many as are used in its time', async () => {
		const { clock, shared, call } = setUp();
		let atOnce = 0;
		for (let ms = 0; ms < 5_000; ms++) {
			for (let each = 0; each < 2; each++) if (!(call() instanceof Promise)) atOnce++;
			await clock.run(1);
		}
		expect(atOnce).toBeGreaterThan(9_000);
		expect(shared.requests.filter((what) => what.startsWith('admit')).length).toBeLessThan(400);
	});

	it('lets calls that come together share a request', async () => {
		const { clock, shared, call } = setUp();
		shared.delaysMs = [10];
		const calls = Array.from({ length: 50 }, () => call());
		await clock.run(100);
		for (const answer of calls) expect(await answer).toMatchObject({ status: 'granted' });
		expect(shared.requests.filter((what) => what.startsWith('admit'))).toHaveLength(2);
	});

	it('never takes more than a tenth of the limit', async () => {
		const { clock, shared, call } = setUp({ limit: 200 });
		for (let each = 0; each < 150; each++) {
			void call();
			await settled();
		}
		await clock.run(0);
		const sizes = shared.requests
			.filter((what) => what.startsWith('admit'))
			.map((what) => Number(what.split(' ')[1]));
		expect(Math.max(...sizes)).toBe(20);
	});

	it('is given back when its time is over, and then nothing is left to do', async () => {
		const { clock, shared, call, remaining } = setUp({
			algorithm: 'fixed-window',
			periodMs: 86_400_000,
		});
		for (let each = 0; each < 10; each++) {
			void call();
			await settled();
		}
		expect(remaining()).toBeLessThan(9_990);
		await clock.run(1_001);
		expect(remaining()).toBe(9_990);
		await clock.run(3_000);
		expect(clock.pendingTimers).toBe(0);
		expect(shared.requests.filter((what) => what.startsWith('refund'))).toHaveLength(1);
	});

	it('is given back when the process ends', async () => {
		const { clock, store, call, remaining } = setUp();
		for (let each = 0; each < 10; each++) {
			void call();
			await settled();
		}
		await store.drain();
		expect(remaining()).toBe(9_990);
		expect(clock.pendingTimers).toBe(0);
	});

	it('is given back when the process is told to end, also what is on its way, and none is taken after', async () => {
		const { clock, store, shared, call, remaining } = setUp();
		for (let each = 0; each < 10; each++) {
			void call();
			await settled();
		}
		await clock.run(200);
		shared.delaysMs = [10];
		const late = call();
		expect(late).toBeInstanceOf(Promise);
		let isRetired = false;
		void store.retire().then(() => (isRetired = true));
		await clock.run(100);
		expect(isRetired).toBe(true);
		expect(await late).toMatchObject({ status: 'granted' });
		expect(remaining()).toBe(9_989);
		expect(clock.pendingTimers).toBe(0);
		for (let each = 0; each < 10; each++) void call();
		await clock.run(100);
		expect(remaining()).toBe(9_979);
		expect(clock.pendingTimers).toBe(0);
	});

	it('needs no request to settle or extend a permit, and one to refund it', async () => {
		const { store, shared, call, remaining } = setUp();
		for (let each = 0; each < 5; each++) await call();
		shared.requests.length = 0;
		const answer = call() as Admission;
		if (answer.status !== 'granted') throw new Error('It must be granted');
		const stored = JSON.parse(JSON.stringify(answer.permit)) as typeof answer.permit;
		expect(store.settle(stored, { kind: 'success', latencyMs: 1 })).toBe('held');
		expect(store.extend(stored, 1_000)).toBe('held');
		expect(shared.requests).toEqual([]);
		await store.refund(stored);
		await store.drain();
		expect(remaining()).toBe(9_995);
	});

	it('is shared by all who define the limiter alike', async () => {
		const { shared, store } = setUp();
		for (let each = 0; each < 100; each++) {
			const policy = limiterOf({ limit: 10_000, periodMs: 1_000 });
			await store.admit(requestOf(guard(policy)));
		}
		expect(shared.requests.length).toBeLessThan(20);
	});

	it('leaves calls of priority, heavy calls and calls under other policies to the store', async () => {
		const { store, shared, policy, call } = setUp();
		for (let each = 0; each < 4; each++) await call();
		shared.requests.length = 0;
		await call(1, 1);
		await call(51);
		await store.admit(requestOf(guard(policy), guard(definePolicy('bulkhead', 'slots'))));
		expect(shared.requests).toEqual(['admit 1', 'admit 51', 'admit 1']);
	});

	it('remembers for its time that the store turned a call away', async () => {
		const { clock, shared, call } = setUp({ limit: 20, periodMs: 60_000, leaseMaxAgeMs: 500 });
		for (let each = 0; each < 20; each++) await call();
		expect(await call()).toMatchObject({ status: 'rejected' });
		shared.requests.length = 0;
		const answer = call();
		expect(answer).not.toBeInstanceOf(Promise);
		expect(answer).toMatchObject({
			status: 'rejected',
			retryAfterMs: expect.any(Number) as number,
		});
		await clock.run(500);
		void call();
		expect(shared.requests).toEqual(['admit 1']);
	});

	it('takes nothing ahead while the store is down, and does again when it is back', async () => {
		const clock = new FakeClock();
		const shared = new SharedStore(clock);
		const health = new StoreHealth(clock, async () => {
			if (shared.isCut) throw new Error('ECONNREFUSED');
		});
		const local = new MemoryPolicyStore(clock);
		const tolerant = new OutageTolerantStore(shared.store, local, health, clock, 'local');
		const store = new LeasingPolicyStore(tolerant, clock, newPermitId);
		const policy = limiterOf({ limit: 1_000, periodMs: 60_000, leaseMaxAgeMs: 100 });
		const call = async () => await store.admit(requestOf(guard(policy)));
		for (let each = 0; each < 10; each++) await call();
		shared.isCut = true;
		await clock.run(100);
		for (let each = 0; each < 10; each++)
			expect(await call()).toMatchObject({ status: 'granted', permit: { degraded: 'local' } });
		const counted = local.inspect({ kind: 'rate-limiter', name: 'limiter', key: '' });
		expect(counted?.figures.remaining).toBe(990);
		shared.isCut = false;
		await clock.run(2_000);
		for (let each = 0; each < 10; each++) {
			const { permit } = (await call()) as Extract<Admission, { status: 'granted' }>;
			expect(permit.degraded).toBeUndefined();
		}
	});

	it('cannot be had for an adaptive limit', () => {
		expect(() => limiterOf({ adaptive: true })).toThrow('"Local Leases" is true');
	});
});
