import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import { definePolicy, guard } from '../../../../core/policies/define';
import type { AdmitRequest, Permit } from '../../../../core/ports';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';

/** Longer than this without asking again, and a waiter is taken for dead. */
const TICKET_MS = 5_000;

const settings = fc.record({
	maxConcurrentCalls: fc.integer({ min: 1, max: 4 }),
	maxQueueSize: fc.integer({ min: 0, max: 5 }),
	maxWaitDurationMs: fc.constantFrom(0, 60_000, 60_000, 60_000),
});

type Step =
	| { readonly do: 'call'; readonly priority: number; readonly leaseMs: number }
	| { readonly do: 'ask again' | 'settle' | 'withdraw' | 'repeat'; readonly which: number }
	| { readonly do: 'extend'; readonly which: number; readonly leaseMs: number }
	| { readonly do: 'wait'; readonly ms: number };

const which = fc.nat({ max: 9 });
const leaseMs = fc.constantFrom(50, 400, 30_000);
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.record({
			do: fc.constant('call' as const),
			priority: fc.constantFrom(0, 0, 0, 1, -1),
			leaseMs,
		}),
	},
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constantFrom(
				...([
					'ask again',
					'ask again',
					'ask again',
					'settle',
					'settle',
					'withdraw',
					'repeat',
				] as const),
			),
			which,
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), which, leaseMs }) },
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.constantFrom(1, 49, 50, 350, 1_000, 4_999, 5_000),
		}),
	},
);

interface Waiter {
	readonly request: AdmitRequest;
	readonly priority: number;
	readonly arrived: number;
	askedAt: number;
}

/** What an onlooker notes of a bulkhead: who was told to run and until when, and who was told to wait. */
class Onlooker {
	readonly clock = new FakeClock();
	readonly store = new MemoryPolicyStore(this.clock);
	readonly policy;
	running: Array<{ permit: Permit; until: number }> = [];
	waiting: Waiter[] = [];
	private arrivals = 0;

	constructor(options: Record<string, number>) {
		this.policy = definePolicy('bulkhead', 'service', options);
	}

	/** Holders that are not dead, and waiters that are. */
	look(): void {
		const now = this.clock.now();
		this.running = this.running.filter(({ until }) => until > now);
		this.waiting = this.waiting.filter(({ askedAt }) => askedAt + TICKET_MS > now);
	}

	call(priority: number, lease: number): void {
		const permitId = `call ${this.arrivals++}`;
		const guards = [guard(this.policy, '', 1, priority)];
		const request = { permitId, guards, attempt: 1, leaseMs: lease };
		this.ask({ request, priority, arrived: this.arrivals, askedAt: -Infinity });
	}

	ask(asking: Waiter): void {
		this.look();
		const { maxConcurrentCalls, maxQueueSize, maxWaitDurationMs } = this.policy.options;
		const others = this.waiting.filter((other) => other !== asking);
		const known = this.waiting.includes(asking);
		const ahead = others.filter(
			({ priority, arrived }) =>
				priority > asking.priority || (priority === asking.priority && arrived < asking.arrived),
		);
		const free = maxConcurrentCalls - this.running.length;
		const answer = this.store.admit(asking.request);
		this.waiting = others;
		if (free > ahead.length) {
			assert.equal(answer.status, 'granted');
			const until = this.clock.now() + asking.request.leaseMs;
			this.running.push({ permit: answer.permit, until });
		} else if (maxWaitDurationMs > 0 && (known || others.length < maxQueueSize)) {
			assert.equal(answer.status, 'queued');
			assert.equal(answer.ahead, ahead.length);
			asking.askedAt = this.clock.now();
			this.waiting.push(asking);
		} else {
			assert.equal(answer.status, 'rejected');
			assert.equal(answer.retryAfterMs, Infinity);
		}
		this.check();
	}

	check(): void {
		this.look();
		const { maxConcurrentCalls, maxQueueSize } = this.policy.options;
		assert.ok(this.running.length <= maxConcurrentCalls);
		assert.ok(this.waiting.length <= maxQueueSize);
		const seen = this.store.inspect({ kind: 'bulkhead', name: 'service', key: '' });
		assert.equal(seen?.figures.holders ?? 0, this.running.length);
		assert.equal(seen?.figures.queued ?? 0, this.waiting.length);
	}

	play(step: Step): void {
		this.look();
		const now = this.clock.now();
		const at = 'which' in step ? step.which : 0;
		const holder = this.running[at % Math.max(1, this.running.length)];
		const waiter = this.waiting[at % Math.max(1, this.waiting.length)];
		switch (step.do) {
			case 'call':
				return this.call(step.priority, step.leaseMs);
			case 'ask again':
				return waiter && this.ask(waiter);
			case 'settle':
				if (!holder) return;
				this.running = this.running.filter((other) => other !== holder);
				assert.equal(this.store.settle(holder.permit, { kind: 'success', latencyMs: 1 }), 'held');
				assert.equal(this.store.settle(holder.permit, { kind: 'failure', latencyMs: 1 }), 'held');
				return this.check();
			case 'withdraw':
				if (!waiter) return;
				this.waiting = this.waiting.filter((other) => other !== waiter);
				this.store.withdraw(waiter.request);
				return this.check();
			case 'repeat': {
				// The answer to a request was lost, and it is sent again: it counts once.
				if (!holder) return;
				const { id, guards } = holder.permit;
				const again = this.store.admit({ permitId: id, guards, attempt: 1, leaseMs: 400 });
				assert.equal(again.status, 'granted');
				holder.until = now + 400;
				return this.check();
			}
			case 'extend':
				if (!holder) return;
				assert.equal(this.store.extend(holder.permit, step.leaseMs), 'held');
				holder.until = now + step.leaseMs;
				return this.check();
			case 'wait':
				this.clock.advance(step.ms);
				return this.check();
		}
	}
}

describe('a bulkhead', () => {
	it('keeps its limit, its queue and its order, and takes slots back from the dead', () => {
		holdsForHistories(settings, step, (options, steps) => {
			const onlooker = new Onlooker(options);
			for (const one of steps) onlooker.play(one);

			// However it went so far, everyone who still waits gets a slot once the holders have ended.
			for (let left = onlooker.waiting.length; left > 0; left--) {
				for (const { permit } of onlooker.running)
					onlooker.store.settle(permit, { kind: 'success', latencyMs: 1 });
				onlooker.running = [];
				const [next] = onlooker.waiting.sort(
					(one, other) => other.priority - one.priority || one.arrived - other.arrived,
				);
				onlooker.ask(next!);
				assert.equal(onlooker.waiting.length, left - 1);
			}
		});
	});

	it('tells a permit whose lease ran out that it is lost, and gives its slot to another', () => {
		const onlooker = new Onlooker({ maxConcurrentCalls: 1, maxQueueSize: 0 });
		onlooker.call(0, 50);
		const [dead] = onlooker.running;
		onlooker.clock.advance(50);
		onlooker.call(0, 50);
		expect(onlooker.running).toHaveLength(1);
		expect(onlooker.store.extend(dead!.permit, 50)).toBe('lost');
		expect(onlooker.store.settle(dead!.permit, { kind: 'success', latencyMs: 50 })).toBe('lost');
		onlooker.check();
	});

	it('lets those who asked in time go before one who comes back when its place has lapsed', () => {
		const onlooker = new Onlooker({
			maxConcurrentCalls: 2,
			maxQueueSize: 2,
			maxWaitDurationMs: 60_000,
		});
		onlooker.call(0, 30_000);
		onlooker.call(0, TICKET_MS);
		onlooker.call(0, 30_000);
		const [late] = onlooker.waiting;
		onlooker.clock.advance(TICKET_MS - 1);
		onlooker.call(0, 30_000);
		onlooker.clock.advance(1);
		onlooker.ask({ ...late!, arrived: Infinity });
		expect(onlooker.waiting).toHaveLength(2);
	});

	it('gives all slots back when it is reset', () => {
		const onlooker = new Onlooker({ maxConcurrentCalls: 1, maxQueueSize: 0 });
		onlooker.call(0, 30_000);
		onlooker.store.override(onlooker.policy, '', 'reset');
		onlooker.running = [];
		onlooker.call(0, 30_000);
		expect(onlooker.running).toHaveLength(1);
	});
});
