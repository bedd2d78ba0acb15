import assert from 'node:assert/strict';

import { MemoryPolicyStore } from '../../../adapters/memory';
import type { Permit } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { holdsForHistories } from '../../support/property';
import { addressesOf, guardsOf, policies, seen, seenState, step } from './histories';

/** A store with a say in when it looks for idle keys. */
function storeWithSweeps(clock: FakeClock) {
	const store = new MemoryPolicyStore(clock);
	const inside = store as unknown as { sweep(now: number, count: number): void };
	const sweep = inside.sweep.bind(store);
	inside.sweep = () => undefined;
	return { store, sweepAll: () => sweep(clock.now(), Infinity) };
}

describe('forgetting idle keys', () => {
	it('changes no answer: a store that sweeps all the time and one that never does agree', () => {
		let forgotten = 0;
		holdsForHistories(policies, step, (made, steps) => {
			const clock = new FakeClock();
			const forgetful = storeWithSweeps(clock);
			const mindful = storeWithSweeps(clock);
			const stores = [forgetful.store, mindful.store] as const;
			const addresses = addressesOf(made);
			const held: Array<[Permit, Permit]> = [];
			for (const [index, one] of steps.entries()) {
				const before = forgetful.store.size;
				forgetful.sweepAll();
				forgotten += before - forgetful.store.size;
				switch (one.do) {
					case 'call': {
						const { attempt, leaseMs } = one;
						const guards = guardsOf(made, one);
						const request = { permitId: `call ${index}`, guards, attempt, leaseMs };
						const [first, second] = [stores[0].admit(request), stores[1].admit(request)];
						assert.deepEqual(seen(first), seen(second));
						if (first.status === 'granted' && second.status === 'granted')
							held.push([first.permit, second.permit]);
						break;
					}
					case 'settle': {
						const [pair] = held.splice(one.which % Math.max(1, held.length), 1);
						if (pair) assert.equal(stores[0].settle(pair[0], one), stores[1].settle(pair[1], one));
						break;
					}
					case 'extend': {
						const pair = held[one.which % Math.max(1, held.length)];
						if (pair) assert.equal(stores[0].extend(pair[0], 500), stores[1].extend(pair[1], 500));
						break;
					}
					case 'wait':
						clock.advance(one.ms);
						break;
					case 'trip':
						for (const store of stores) store.override(made[2]!, one.key, 'open');
				}
				if (index % 10 !== 0 && index !== steps.length - 1) continue;
				for (const address of addresses) {
					const [first, second] = stores.map((store) => seenState(store.inspect(address)));
					assert.deepEqual(first, second);
				}
			}
		});
		expect(forgotten).toBeGreaterThan(5_000);
	});
});
