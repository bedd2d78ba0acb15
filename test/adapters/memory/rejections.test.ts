import assert from 'node:assert/strict';

import { MemoryPolicyStore } from '../../../adapters/memory';
import type { Permit } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { holdsForHistories } from '../../support/property';
import { addressesOf, guardsOf, policies, seen, seenState, step } from './histories';

describe('a rejection by one of several policies', () => {
	it('consumes nothing: the store answers ever after as if the call had never come', () => {
		let rejected = 0;
		holdsForHistories(policies, step, (made, steps) => {
			const clock = new FakeClock();
			const tried = new MemoryPolicyStore(clock);
			// This one never sees a call that the other one rejects.
			const spared = new MemoryPolicyStore(clock);
			const addresses = addressesOf(made);
			const held: Array<[Permit, Permit]> = [];
			for (const [index, one] of steps.entries()) {
				switch (one.do) {
					case 'call': {
						const { attempt, leaseMs } = one;
						const guards = guardsOf(made, one);
						const request = { permitId: `call ${index}`, guards, attempt, leaseMs };
						const answer = tried.admit(request);
						if (answer.status !== 'granted') {
							rejected++;
							break;
						}
						const other = spared.admit(request);
						assert.deepEqual(seen(other), seen(answer));
						if (other.status === 'granted') held.push([answer.permit, other.permit]);
						break;
					}
					case 'settle': {
						const [pair] = held.splice(one.which % Math.max(1, held.length), 1);
						if (pair) assert.equal(tried.settle(pair[0], one), spared.settle(pair[1], one));
						break;
					}
					case 'extend': {
						const pair = held[one.which % Math.max(1, held.length)];
						if (pair) assert.equal(tried.extend(pair[0], 500), spared.extend(pair[1], 500));
						break;
					}
					case 'wait':
						clock.advance(one.ms);
						break;
					case 'trip':
						for (const store of [tried, spared]) store.override(made[2]!, one.key, 'open');
				}
				if (index % 10 !== 0 && index !== steps.length - 1) continue;
				for (const address of addresses)
					assert.deepEqual(seenState(tried.inspect(address)), seenState(spared.inspect(address)));
			}
		});
		expect(rejected).toBeGreaterThan(10_000);
	});
});
