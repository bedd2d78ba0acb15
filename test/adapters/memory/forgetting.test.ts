import assert from 'node:assert/strict';

import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Permit, PolicyDefinition } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { holdsForHistories } from '../../support/property';
import {
	addressesOf,
	guardsOf,
	policiesInPairs,
	policies,
	seen,
	seenState,
	step,
} from './histories';

/** A store with a say in when it looks for idle keys. */
function storeWithSweeps(clock: FakeClock, keepsPolicies: boolean) {
	const store = new MemoryPolicyStore(clock);
	const inside = store as unknown as {
		sweep(now: number, count: number): void;
		retireIfEmpty(): void;
	};
	if (keepsPolicies) inside.retireIfEmpty = () => undefined;
	const sweep = inside.sweep.bind(store);
	inside.sweep = () => undefined;
	return { store, sweepAll: () => sweep(clock.now(), Infinity) };
}

/** All know each policy from the start. */
function makeKnown(stores: readonly MemoryPolicyStore[], known: readonly PolicyDefinition[]): void {
	for (const [index, policy] of known.entries()) {
		const guards = [guard(policy, 'of another')];
		const request = { permitId: `first ${index}`, guards, attempt: 1, leaseMs: 50 };
		for (const store of stores) store.admit(request);
	}
}

describe('forgetting idle keys', () => {
	it.each([
		['a policy', policies.map((made) => [made, made] as const), false],
		// An empty table would take what it knows of their options with it.
		['two policies that share their state', policiesInPairs, true],
	])(
		'changes no answer of %s: a store that sweeps all the time and one that never does agree',
		(_name, made, keepsPolicies) => {
			let forgotten = 0;
			holdsForHistories(made, step, (pair, steps) => {
				const clock = new FakeClock();
				const forgetful = storeWithSweeps(clock, keepsPolicies);
				const mindful = storeWithSweeps(clock, keepsPolicies);
				const stores = [forgetful.store, mindful.store] as const;
				if (keepsPolicies) makeKnown(stores, pair.flat());
				const addresses = addressesOf(pair[0]);
				const held: Array<[Permit, Permit]> = [];
				for (const [index, one] of steps.entries()) {
					const before = forgetful.store.size;
					forgetful.sweepAll();
					forgotten += before - forgetful.store.size;
					switch (one.do) {
						case 'call': {
							const { attempt, leaseMs, by = 0 } = one;
							const guards = guardsOf(pair[by], one);
							const request = { permitId: `call ${index}`, guards, attempt, leaseMs };
							const [first, second] = [stores[0].admit(request), stores[1].admit(request)];
							assert.deepEqual(seen(first), seen(second));
							if (first.status === 'granted' && second.status === 'granted')
								held.push([first.permit, second.permit]);
							break;
						}
						case 'settle': {
							const [both] = held.splice(one.which % Math.max(1, held.length), 1);
							if (both)
								assert.equal(stores[0].settle(both[0], one), stores[1].settle(both[1], one));
							break;
						}
						case 'extend': {
							const both = held[one.which % Math.max(1, held.length)];
							if (both)
								assert.equal(stores[0].extend(both[0], 500), stores[1].extend(both[1], 500));
							break;
						}
						case 'wait':
							clock.advance(one.ms);
							break;
						case 'trip':
							for (const store of stores) store.override(pair[0][2]!, one.key, 'open');
					}
					if (index % 10 !== 0 && index !== steps.length - 1) continue;
					for (const address of addresses) {
						const [first, second] = stores.map((store) => seenState(store.inspect(address)));
						assert.deepEqual(first, second);
					}
				}
			});
			expect(forgotten).toBeGreaterThan(5_000);
		},
	);

	it('keeps to the limit of a key however large those are that other keys have under its name', () => {
		const clock = new FakeClock();
		const store = new MemoryPolicyStore(clock);
		const hour = { algorithm: 'gcra', periodMs: 3_600_000 };
		const small = definePolicy('rate-limiter', 'plan', { ...hour, limit: 1 });
		const large = definePolicy('rate-limiter', 'plan', { ...hour, limit: 10_000, burst: 100 });
		let admitted = 0;
		for (let second = 0; second < 3_600; second++, clock.advance(1_000)) {
			for (const policy of [large, small]) {
				const guards = [guard(policy, policy === small ? 'free' : 'paid')];
				const request = { permitId: `${second}`, guards, attempt: 1, leaseMs: 1_000 };
				const { status } = store.admit(request);
				if (policy === small && status === 'granted') admitted++;
			}
		}
		expect(admitted).toBe(1);
	});
});
