import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Permit } from '../../../core/ports';
import { OutageTolerantStore, StoreHealth, type WhenStoreIsDown } from '../../../core/store-outage';
import { FakeClock } from '../../support/fake-clock';
import { FarStore } from './far-store';

const FEWEST_STEPS = 10_000;

/** Nothing comes back by itself while a history is played. */
const LONG_MS = 86_400_000;

/** An outage may not last until what is owed is dropped. */
const LONGEST_OUTAGE_MS = 45_000;

const CALLS = 10_000;

const limiter = definePolicy('rate-limiter', 'api', { limit: CALLS, periodMs: LONG_MS });
const slots = definePolicy('bulkhead', 'api', { maxConcurrentCalls: 5, maxWaitDurationMs: 0 });

const step = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant('admit' as const) }) },
	{
		weight: 4,
		arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat({ max: 9 }) }),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('link' as const),
			link: fc.constantFrom('up' as const, 'refused', 'silent', 'slow', 'mute', 'torn'),
			isOnlyBackForProbes: fc.boolean(),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.constantFrom(10, 100, 1_000, 6_000),
		}),
	},
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A store, and what became of the calls that it let in. */
class World {
	private readonly clock = new FakeClock();
	private readonly far = new FarStore(this.clock);
	private readonly health = new StoreHealth(this.clock, () =>
		this.far.isOnlyBackForProbes ? Promise.resolve() : this.far.ask(() => 'PONG'),
	);
	private readonly store: OutageTolerantStore;
	private readonly running: Permit[] = [];
	private granted = 0;
	/** Calls without the store's answer. */
	private letThrough = 0;
	private asked = 0;
	private lastUpAt = this.clock.now();

	constructor(whenDown: WhenStoreIsDown) {
		this.store = new OutageTolerantStore(
			this.far.store,
			new MemoryPolicyStore(this.clock),
			this.health,
			this.clock,
			whenDown,
		);
	}

	async play(one: Step): Promise<void> {
		switch (one.do) {
			case 'admit': {
				const answer = await this.answered(
					this.store.admit({
						permitId: `me:${this.asked++}`,
						guards: [guard(limiter), guard(slots)],
						attempt: 1,
						leaseMs: LONG_MS,
					}),
				);
				if (answer.status !== 'granted') break;
				if (answer.permit.degraded) this.letThrough++;
				else this.granted++;
				this.running.push(answer.permit);
				break;
			}
			case 'settle': {
				const [permit] = this.running.splice(one.which % Math.max(1, this.running.length), 1);
				if (permit) await this.end(permit);
				break;
			}
			case 'link':
				this.far.link = one.link;
				this.far.isOnlyBackForProbes = one.isOnlyBackForProbes;
				break;
			case 'wait':
				await this.clock.run(one.ms);
		}
		if (this.far.link === 'up' && !this.health.isDown) this.lastUpAt = this.clock.now();
		if (this.clock.now() - this.lastUpAt > LONGEST_OUTAGE_MS) await this.recover();
	}

	/** Everything that was taken is given back, also by a store that stays slow, and nothing was twice. */
	async check(): Promise<void> {
		await this.goOn('slow');
		const heldByStore = this.running.filter(({ degraded }) => !degraded);
		for (const permit of this.running) if (permit.degraded) await this.end(permit);
		await this.goOn('slow');
		assert.equal(this.figure('bulkhead', 'holders') ?? 0, heldByStore.length);
		await this.goOn('up');
		assert.deepEqual(
			[...this.far.counted].filter(([, times]) => times > 1),
			[],
		);
		assert.equal(this.figure('bulkhead', 'holders') ?? 0, heldByStore.length);
		const used = CALLS - (this.figure('rate-limiter', 'remaining') ?? CALLS);
		const known = this.granted + this.far.cancelledTooLate;
		// What the store had let in, too, it may have heard of.
		assert.ok(used >= known && used <= known + this.letThrough, `${used}, not ${known}`);
	}

	private async end(permit: Permit): Promise<void> {
		await this.answered(this.store.settle(permit, { kind: 'failure', latencyMs: 1 }));
	}

	/** For longer than any answer takes. */
	private async goOn(link: 'slow' | 'up'): Promise<void> {
		this.far.link = link;
		this.far.isOnlyBackForProbes = false;
		await this.clock.run(10_000);
	}

	private async recover(): Promise<void> {
		await this.goOn('up');
		this.lastUpAt = this.clock.now();
	}

	private figure(kind: 'bulkhead' | 'rate-limiter', name: string): number | undefined {
		return this.far.inside.inspect({ kind, name: 'api', key: '' })?.figures[name];
	}

	private async answered<T>(answer: T | Promise<T>): Promise<T> {
		let isAnswered = false;
		void Promise.resolve(answer).finally(() => (isAnswered = true));
		for (let ms = 0; !isAnswered && ms < 1_000; ms += 10) await this.clock.run(10);
		return await answer;
	}
}

it.each(['reject', 'allow', 'local'] as const)(
	'gives back all that calls took, and counts nothing twice, whatever is lost: %s',
	async (whenDown) => {
		let steps = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (played) => {
				steps += played.length;
				const world = new World(whenDown);
				for (const one of played) await world.play(one);
				await world.check();
			}),
			{ numRuns: 250 },
		);
		expect(steps).toBeGreaterThanOrEqual(FEWEST_STEPS);
	},
	120_000,
);
