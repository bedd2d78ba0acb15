import { LeaseKeeper } from '../../../core/pipeline';
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

	it('that nobody renewed for longer than they last are told of, once each', async () => {
		const { clock, store } = setUp({});
		const told: number[] = [];
		const leases = new LeaseKeeper(store, clock, LEASE_MS, (overdue) => told.push(overdue));
		const policy = bulkhead();
		const permits = ['first', 'second', 'third'].map((permitId) => {
			const guards = [{ policy, key: '', weight: 1, priority: 0 }];
			const admission = store.admit({ permitId, guards, attempt: 1, leaseMs: LEASE_MS });
			if (admission.status !== 'granted') throw new Error('must be granted');
			leases.keep(admission.permit);
			return admission.permit;
		});
		await clock.run(3 * LEASE_MS);
		expect(told).toEqual([]);
		// The process stands still.
		clock.turnTo(clock.now() + 2 * LEASE_MS);
		leases.release(permits[0]!);
		expect(told).toEqual([1]);
		await clock.run(3 * LEASE_MS);
		expect(told).toEqual([1, 2]);
		for (const permit of permits) leases.release(permit);
		expect(told).toEqual([1, 2]);
		expect(clock.pendingTimers).toBe(0);
	});
});
