import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import { definePolicy } from '../../../../core/policies/define';
import type { AdmitRequest, Permit, PolicyAddress, PolicySnapshot } from '../../../../core/ports';
import {
	addressesOf,
	guardsOf,
	policies,
	seen,
	seenState,
	step as anyStep,
} from '../../../adapters/memory/histories';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';

/** A place in line lapses when its owner has not asked again for this long. */
const TICKET_MS = 5_000;

/** One of each policy: a bulkhead before which calls wait, and a limiter that lets enough through to it. */
const setting = fc.record({
	made: fc.tuple(policies, fc.integer({ min: 0, max: 3 })).map(([made, maxQueueSize]) =>
		made.map((policy) => {
			const { kind, name, options } = policy;
			if (kind === 'bulkhead') {
				const waiting = { maxWaitDurationMs: 60_000, maxQueueSize };
				return definePolicy(kind, name, { ...options, ...waiting, maxConcurrentCalls: 1 });
			}
			if (kind === 'rate-limiter')
				return definePolicy(kind, name, { ...options, limit: options.limit * 3, burst: 9 });
			return policy;
		}),
	),
	/** How those end who still wait when the history is over. */
	ending: fc.constantFrom('withdraw' as const, 'lapse' as const),
});

const which = fc.nat({ max: 9 });
const step = fc.oneof(
	{ weight: 20, arbitrary: anyStep },
	{ weight: 8, arbitrary: fc.record({ do: fc.constant('ask again' as const), which }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which }) },
);

type Made<T> = T extends fc.Arbitrary<infer Value> ? Value : never;
type Setting = Made<typeof setting>;
type Step = Made<typeof step>;

/** How calls ended that were not let through; over all histories. */
const ended = { queueFull: 0, turnedAwayInLine: 0, withdrawn: 0, lapsed: 0 };

/** Two stores with the same history, but that one of them never hears of calls until they are let through. */
class Comparison {
	readonly clock = new FakeClock();
	readonly tried = new MemoryPolicyStore(this.clock);
	readonly spared = new MemoryPolicyStore(this.clock);
	held: Array<[Permit, Permit]> = [];
	waiting: AdmitRequest[] = [];
	private readonly addresses: PolicyAddress[];

	constructor(private readonly made: Setting['made']) {
		this.addresses = addressesOf(made);
	}

	play(one: Step, index: number): void {
		const at = 'which' in one ? one.which : 0;
		const pair = this.held[at % Math.max(1, this.held.length)];
		const waiter = this.waiting[at % Math.max(1, this.waiting.length)];
		switch (one.do) {
			case 'call': {
				const { attempt, leaseMs } = one;
				const guards = guardsOf(this.made, one);
				return this.ask({ permitId: `call ${index}`, guards, attempt, leaseMs });
			}
			case 'ask again':
				return waiter && this.ask(waiter);
			case 'withdraw':
				if (!waiter) return;
				this.waiting = this.waiting.filter((other) => other !== waiter);
				this.tried.withdraw(waiter);
				ended.withdrawn++;
				return this.compare();
			case 'settle':
				if (!pair) return;
				this.held = this.held.filter((other) => other !== pair);
				return assert.equal(this.tried.settle(pair[0], one), this.spared.settle(pair[1], one));
			case 'extend':
				return (
					pair && assert.equal(this.tried.extend(pair[0], 500), this.spared.extend(pair[1], 500))
				);
			case 'wait':
				return this.clock.advance(one.ms);
			case 'trip':
				for (const store of [this.tried, this.spared])
					store.override(this.made[2]!, one.key, 'open');
		}
	}

	/** Apart from who waits, both are in the same state. */
	compare(): void {
		for (const address of this.addresses) {
			const [tried, spared] = [this.tried, this.spared].map((store) =>
				withoutQueue(store.inspect(address)),
			);
			// A bulkhead that is only waited at is not there for who does not see the waiting.
			if (address.kind === 'bulkhead' && !spared) assert.equal(tried?.figures.holders ?? 0, 0);
			else assert.deepEqual(tried, spared);
		}
	}

	/** All who still wait end; from then on nobody could tell that they were ever there. */
	end(ending: Setting['ending']): void {
		if (ending === 'lapse') this.clock.advance(TICKET_MS);
		else for (const request of this.waiting) this.tried.withdraw(request);
		ended[ending === 'lapse' ? 'lapsed' : 'withdrawn'] += this.waiting.length;
		for (const address of this.addresses) {
			assert.deepEqual(
				seenState(this.tried.inspect(address)),
				seenState(this.spared.inspect(address)),
			);
		}
		const all = { guarded: Array<boolean>(5).fill(true), weight: 1, priority: 0 };
		for (let index = 0; index < 10; index++) {
			const keys = Array<string>(5).fill(index % 2 ? '' : 'a');
			const guards = guardsOf(this.made, { do: 'call', ...all, keys, attempt: 1, leaseMs: 50 });
			const request = { permitId: `late ${index}`, guards, attempt: 1, leaseMs: 50 };
			assert.deepEqual(seen(this.tried.admit(request)), seen(this.spared.admit(request)));
		}
	}

	private ask(request: AdmitRequest): void {
		const hadWaited = this.waiting.includes(request);
		this.waiting = this.waiting.filter((other) => other !== request);
		const answer = this.tried.admit(request);
		if (answer.status === 'queued') {
			this.waiting.push(request);
		} else if (answer.status === 'rejected') {
			if (hadWaited) ended.turnedAwayInLine++;
			else if (answer.by.policy.kind === 'bulkhead') ended.queueFull++;
		} else {
			const other = this.spared.admit(request);
			assert.deepEqual(seen(other), seen(answer));
			if (other.status === 'granted') this.held.push([answer.permit, other.permit]);
		}
		if (answer.status !== 'granted') this.compare();
	}
}

const withoutQueue = (snapshot: PolicySnapshot | undefined) => {
	const state = seenState(snapshot);
	if (!state) return undefined;
	const figures: Record<string, unknown> = { ...state.figures, queued: undefined };
	return { ...state, figures };
};

describe('a call that waits in line, or finds no place there', () => {
	it('consumes nothing unless it is let through, with whichever policies around', () => {
		holdsForHistories(setting, step, ({ made, ending }, steps) => {
			const comparison = new Comparison(made);
			for (const [index, one] of steps.entries()) comparison.play(one, index);
			comparison.end(ending);
		});
		expect(ended.queueFull).toBeGreaterThan(500);
		expect(ended.turnedAwayInLine).toBeGreaterThan(100);
		expect(ended.withdrawn).toBeGreaterThan(200);
		expect(ended.lapsed).toBeGreaterThan(20);
	});
});
