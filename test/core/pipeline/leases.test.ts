import { LEASE_MS, setUp, watch } from './set-up';
import { breaker, bulkhead, timeout, down } from './policies';

describe('leases', () => {
	const holders = ({ store }: ReturnType<typeof setUp>) =>
		store.inspect({ kind: 'bulkhead', name: 'bulkhead', key: '' })?.figures.holders ?? 0;

	it.each([
		['succeeds', undefined, {}],
		['fails', down, {}],
		['times out', undefined, { attemptTimeout: timeout({ timeoutMs: 9 * LEASE_MS }) }],
	])('are kept while the work runs and go back when it %s', async (_how, error, more) => {
		const set = setUp({ bulkhead: bulkhead({ maxConcurrentCalls: 1 }), ...more });
		const call = watch(set.pipeline.execute(set.work(10 * LEASE_MS, error)));
		await set.clock.run(8.9 * LEASE_MS);
		expect(call.ended).toBe(false);
		expect(holders(set)).toBe(1);
		await set.clock.run(2 * LEASE_MS);
		expect(call.ended).toBe(true);
		expect(holders(set)).toBe(0);
		expect(set.clock.pendingTimers).toBe(0);
	});

	it('of running work are kept when a breaker trips meanwhile', async () => {
		const service = breaker({ minimumNumberOfCalls: 1 });
		const set = setUp({
			circuitBreakers: [service],
			bulkhead: bulkhead({ maxConcurrentCalls: 1 }),
		});
		const call = watch(set.pipeline.execute(set.work(10 * LEASE_MS)));
		await set.clock.run(LEASE_MS);
		set.store.override(service, '', 'open');
		await set.clock.run(5 * LEASE_MS);
		set.store.override(service, '', 'close');
		expect(holders(set)).toBe(1);
		await set.clock.run(10 * LEASE_MS);
		expect(call.result).toBe('done');
		expect(holders(set)).toBe(0);
	});

	it('keep a breaker from forgetting a call that runs longer than it remembers', async () => {
		const service = breaker({ minimumNumberOfCalls: 1, idleResetMs: 5_000 });
		const set = setUp({ circuitBreakers: [service], bulkhead: bulkhead() });
		void set.pipeline.execute(set.work(20_000, down)).catch(() => undefined);
		await set.clock.run(20_000);
		const address = { kind: 'circuit-breaker', name: 'breaker', key: '' } as const;
		expect(set.store.inspect(address)?.state).toBe('open');
	});

	it('run on while the store cannot be reached, and nobody is told that they are lost', async () => {
		const set = setUp({ bulkhead: bulkhead({ maxConcurrentCalls: 1 }) });
		const extend = set.store.extend.bind(set.store);
		let calls = 0;
		set.store.extend = (permit, leaseMs) => {
			if (++calls % 2 === 1) throw new Error('unreachable');
			return extend(permit, leaseMs);
		};
		void set.pipeline.execute(set.work(5 * LEASE_MS));
		await set.clock.run(4 * LEASE_MS);
		expect(calls).toBeGreaterThan(5);
		expect(holders(set)).toBe(1);
		await set.clock.run(LEASE_MS);
		expect(set.clock.pendingTimers).toBe(0);
	});

	it('that are lost are reported once', async () => {
		const policy = bulkhead();
		const set = setUp({ bulkhead: policy });
		const admission = set.store.admit({
			permitId: 'mine',
			guards: [{ policy, key: '', weight: 1, priority: 0 }],
			attempt: 1,
			leaseMs: LEASE_MS,
		});
		if (admission.status !== 'granted') throw new Error('must be granted');
		const onLost = jest.fn();
		set.leases.keep(admission.permit, onLost);
		await set.clock.run(2 * LEASE_MS);
		expect(onLost).not.toHaveBeenCalled();
		set.store.override(policy, '', 'reset');
		await set.clock.run(5 * LEASE_MS);
		expect(onLost).toHaveBeenCalledTimes(1);
		set.leases.release(admission.permit);
		expect(set.clock.pendingTimers).toBe(0);
	});
});
