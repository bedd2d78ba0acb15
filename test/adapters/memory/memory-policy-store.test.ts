import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { AdmitRequest, PolicyDefinition } from '../../../core/ports';
import { FakeClock, settled } from '../../support/fake-clock';

describe('the in-process store', () => {
	const clock = new FakeClock();
	let store: MemoryPolicyStore;
	let nextId = 0;
	beforeEach(() => (store = new MemoryPolicyStore(clock)));

	const request = (
		policy: PolicyDefinition,
		key = '',
		permitId = `permit ${nextId++}`,
	): AdmitRequest => ({
		permitId,
		guards: [guard(policy, key)],
		attempt: 1,
		leaseMs: 1_000,
	});

	it('keeps states apart by kind, name and key', () => {
		const one = definePolicy('rate-limiter', 'one', { limit: 1 });
		const other = definePolicy('rate-limiter', 'other', { limit: 1 });
		const statuses = [
			[one, 'a'],
			[one, 'a'],
			[one, 'b'],
			[other, 'a'],
			[one, '__proto__'],
			[one, 'constructor'],
			[one, 'x'.repeat(10_000)],
			[one, ''],
			[one, ''],
		] as const;
		expect(statuses.map(([policy, key]) => store.admit(request(policy, key)).status)).toEqual([
			'granted',
			'rejected',
			'granted',
			'granted',
			'granted',
			'granted',
			'granted',
			'granted',
			'rejected',
		]);
	});

	it('shares a state between equal definitions, and lets a changed limit apply at once', () => {
		const make = (limit: number) => definePolicy('rate-limiter', 'shared', { limit });
		expect(store.admit(request(make(1))).status).toBe('granted');
		expect(store.admit(request(make(1))).status).toBe('rejected');
		expect(store.admit(request(make(2))).status).toBe('granted');
		expect(store.admit(request(make(2))).status).toBe('rejected');
	});

	it('forgets policies whose keys are all idle, and knows them again when they come back', () => {
		const names = Array.from({ length: 2_000 }, (_, index) => `policy ${index}`);
		const policies = names.map((name) => definePolicy('rate-limiter', name, { limit: 1 }));
		for (const policy of policies) store.admit(request(policy));
		expect(store.policyCount).toBe(2_000);
		clock.advance(60_000);
		const [kept] = policies;
		for (let call = 0; call < 5_000; call++) store.admit(request(kept!));
		expect(store.policyCount).toBeLessThan(10);

		const again = policies[1]!;
		expect(store.admit(request(again)).status).toBe('granted');
		const same = definePolicy('rate-limiter', again.name, { limit: 1 });
		expect(store.admit(request(same)).status).toBe('rejected');
	});

	it('tells nothing of what it does not know', () => {
		expect(store.inspect({ kind: 'bulkhead', name: 'unknown', key: '' })).toBeUndefined();
		const policy = definePolicy('bulkhead', 'known');
		store.admit(request(policy));
		expect(store.inspect({ kind: 'bulkhead', name: 'known', key: 'unknown' })).toBeUndefined();
		expect(store.inspect({ kind: 'bulkhead', name: 'known', key: '' })).toEqual({
			address: { kind: 'bulkhead', name: 'known', key: '' },
			state: 'active',
			figures: { limit: 100, holders: 1, queued: 0 },
		});
	});

	it('opens, isolates, closes and resets a breaker by hand, known or not', () => {
		const policy = definePolicy('circuit-breaker', 'service', { waitDurationInOpenStateMs: 500 });
		const status = () => store.admit(request(policy, 'key'));
		store.override(policy, 'key', 'open');
		expect(status()).toMatchObject({ status: 'rejected', retryAfterMs: 500 });
		store.override(policy, 'key', 'isolate');
		clock.advance(366 * 86_400_000);
		expect(status()).toMatchObject({ status: 'rejected', retryAfterMs: Infinity });
		store.override(policy, 'key', 'close');
		expect(status().status).toBe('granted');
		store.override(policy, 'key', 'open');
		store.override(policy, 'key', 'reset');
		expect(status().status).toBe('granted');
	});

	it('resets a limiter by hand, and leaves what is no breaker alone otherwise', () => {
		const policy = definePolicy('rate-limiter', 'limiter', { limit: 1 });
		store.admit(request(policy));
		store.override(policy, '', 'open');
		expect(store.admit(request(policy)).status).toBe('rejected');
		store.override(policy, '', 'reset');
		expect(store.admit(request(policy)).status).toBe('granted');
	});

	it('knows states by long keys and names, too, and tells them apart', async () => {
		const long = 'x'.repeat(511);
		const policy = definePolicy('bulkhead', long, { maxConcurrentCalls: 1 });
		const [address, other] = ['a', 'b'].map((end) => ({
			kind: policy.kind,
			name: policy.name,
			key: long + end,
		}));
		const first = store.admit(request(policy, long + 'a'));
		expect(store.inspect(address!)).toMatchObject({ address, figures: { holders: 1 } });
		expect(store.inspect(other!)).toBeUndefined();
		expect(store.admit(request(policy, long + 'b')).status).toBe('granted');

		const waiting = request(policy, long + 'a');
		expect(store.admit(waiting)).toMatchObject({ status: 'queued', ahead: 0 });
		const turn = store.awaitTurn(waiting, 1_000);
		if (first.status === 'granted') store.settle(first.permit, { kind: 'success', latencyMs: 0 });
		await turn;
		expect(store.admit(waiting).status).toBe('granted');
		store.override(policy, long + 'a', 'reset');
		expect(store.inspect(address!)).toBeUndefined();
		expect(store.size).toBe(1);
	});

	it('keeps no timer but those of waiting calls', async () => {
		const policy = definePolicy('bulkhead', 'slots', { maxConcurrentCalls: 1 });
		const first = store.admit(request(policy));
		const waiting = request(policy);
		expect(store.admit(waiting)).toMatchObject({ status: 'queued', ahead: 0 });
		expect(clock.pendingTimers).toBe(0);
		const turn = store.awaitTurn(waiting, 1_000);
		expect(clock.pendingTimers).toBe(1);
		let isTurn = false;
		void turn.then(() => (isTurn = true));
		await settled();
		expect(isTurn).toBe(false);
		if (first.status === 'granted') store.settle(first.permit, { kind: 'success', latencyMs: 0 });
		await settled();
		expect(isTurn).toBe(true);
		expect(clock.pendingTimers).toBe(0);
		expect(store.admit(waiting).status).toBe('granted');
	});

	it('wakes those who wait when a bulkhead is reset', async () => {
		const policy = definePolicy('bulkhead', 'slots', { maxConcurrentCalls: 1 });
		store.admit(request(policy));
		const waiting = request(policy);
		store.admit(waiting);
		const turn = store.awaitTurn(waiting, 1_000);
		store.override(policy, '', 'reset');
		await turn;
		expect(store.admit(waiting).status).toBe('granted');
		expect(clock.pendingTimers).toBe(0);
	});

	it('takes a permit back that was stored as text meanwhile', () => {
		const policy = definePolicy('bulkhead', 'slots', { maxConcurrentCalls: 1 });
		const admission = store.admit(request(policy));
		if (admission.status !== 'granted') throw new Error('must be granted');
		const permit = JSON.parse(JSON.stringify(admission.permit));
		expect(store.extend(permit, 2_000)).toBe('held');
		expect(store.settle(permit, { kind: 'success', latencyMs: 5 })).toBe('held');
		expect(store.settle(permit, { kind: 'success', latencyMs: 5 })).toBe('held');
		expect(store.admit(request(policy)).status).toBe('granted');
	});
});
