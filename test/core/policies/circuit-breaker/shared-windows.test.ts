import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import type { OutcomeKind } from '../../../../core/outcome';
import { definePolicy, guard, type DefinitionOf } from '../../../../core/policies/define';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';

type Breaker = DefinitionOf<'circuit-breaker'>;

const ADDRESS = { kind: 'circuit-breaker', name: 'service', key: '' } as const;

const breaker = (options: Record<string, unknown>): Breaker =>
	definePolicy('circuit-breaker', 'service', options);

/** A store in which steps make calls through the breaker that they share. */
function setUp() {
	const clock = new FakeClock();
	const store = new MemoryPolicyStore(clock);
	let nextId = 0;
	const call = (policy: Breaker, kind: OutcomeKind) => {
		const request = { permitId: `${nextId++}`, guards: [guard(policy)] };
		const admission = store.admit({ ...request, attempt: 1, leaseMs: 1_000 });
		assert(admission.status === 'granted');
		store.settle(admission.permit, { kind, latencyMs: 0 });
	};
	const figures = () => store.inspect(ADDRESS)!.figures;
	return { clock, store, call, figures };
}

/** What steps of one kind of window should see, said as plainly as possible. */
class WindowOracle {
	private calls: Array<{ at: number; failed: boolean }> = [];
	private size = 0;

	constructor(private readonly isByCount: boolean) {}

	/** Whether any step asked for it. */
	get isThere(): boolean {
		return this.size > 0;
	}

	ask(size: number, now: number): void {
		if (size <= this.size) return;
		this.leave(now);
		if (!this.isByCount) {
			const step = this.stepMs;
			this.calls = this.calls.map(({ at, failed }) => ({ at: at - (at % step), failed }));
		}
		this.size = size;
	}

	add(failed: boolean, now: number): void {
		this.calls.push({ at: now, failed });
		this.leave(now);
	}

	get figures() {
		const failures = this.calls.filter(({ failed }) => failed).length;
		return { calls: this.calls.length, failureRate: (failures / this.calls.length) * 100 };
	}

	private get stepMs(): number {
		return Math.ceil(this.size / 10);
	}

	private leave(now: number): void {
		const step = (at: number) => Math.floor(at / this.stepMs);
		this.calls = this.isByCount
			? this.calls.slice(-this.size)
			: this.calls.filter(({ at }) => step(at) > step(now) - 10);
	}
}

describe('a breaker that steps share', () => {
	const ofCount = fc.integer({ min: 1, max: 40 });
	const ofTime = fc.integer({ min: 10, max: 1_500 });
	const settings = fc.tuple(ofCount, ofTime, ofCount, ofTime, fc.nat({ max: 300 }));
	const step = fc.record({
		// The larger windows mostly come later.
		by: fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3, 4),
		failed: fc.boolean(),
		waitMs: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 30 }) }, fc.nat({ max: 2_000 })),
	});

	it('has one window of each kind, the largest that was asked for, with the calls of all since then', () => {
		holdsForHistories(settings, step, ([few, short, many, long, from], steps) => {
			const { clock, call, figures } = setUp();
			// No rule that could open it; yet there is one to count for.
			const rules = { failureRateThreshold: 0, slowCallRateThreshold: 100 };
			const inARow = { slowCallRateThreshold: 0, consecutiveFailureThreshold: 100_000 };
			const policies = [few, short, few + many, short + long].map((size, index) =>
				breaker(
					index % 2 === 0
						? { ...rules, slidingWindowSize: size }
						: { ...rules, slidingWindowType: 'time-based', slidingWindowDurationMs: size },
				),
			);
			policies.push(breaker({ ...rules, ...inARow }));
			const oracles = [new WindowOracle(true), new WindowOracle(false)] as const;
			for (const [index, { by, failed, waitMs }] of steps.entries()) {
				clock.advance(waitMs);
				const now = clock.now();
				const chosen = by > 1 && by < 4 && index < from ? by - 2 : by;
				call(policies[chosen]!, failed ? 'failure' : 'success');
				const size = [few, short, few + many, short + long][chosen];
				if (size !== undefined) oracles[chosen % 2]!.ask(size, now);
				for (const oracle of oracles) if (oracle.isThere) oracle.add(failed, now);
				const seen = figures();
				const { isThere, figures: expected } = oracles[chosen % 2]!;
				if (!isThere) assert.equal(seen.calls, 0);
				else assert.deepEqual({ calls: seen.calls, failureRate: seen.failureRate }, expected);
			}
		});
	});

	it('forgets a failure when it leaves the window of time, however often others count by number', () => {
		const { clock, call, figures } = setUp();
		const rules = { failureRateThreshold: 0, slowCallRateThreshold: 100 };
		const byTime = breaker({
			...rules,
			slidingWindowType: 'time-based',
			slidingWindowDurationMs: 10_000,
		});
		const byCount = breaker({ ...rules, slidingWindowSize: 10 });
		for (let index = 0; index < 300; index++) call(byTime, 'failure');
		call(byCount, 'success');
		expect(figures()).toMatchObject({ calls: 1, failureRate: 0 });
		call(byTime, 'success');
		expect(figures()).toMatchObject({ calls: 302 });
		clock.advance(11_000);
		call(byCount, 'success');
		expect(figures()).toMatchObject({ calls: 3, failureRate: 0 });
		call(byTime, 'success');
		expect(figures()).toMatchObject({ calls: 2, failureRate: 0 });
	});

	it('is taught what is usual by one window only', () => {
		const { call, figures } = setUp();
		const rules = { thresholdStrategy: 'adaptive', minimumNumberOfCalls: 20 };
		const policies = [
			breaker({ ...rules, slidingWindowSize: 20 }),
			breaker({ ...rules, slidingWindowType: 'time-based', slidingWindowDurationMs: 3_600_000 }),
		];
		const callTo = (first: number, last: number) => {
			for (let index = first; index <= last; index++)
				call(policies[index % 2]!, index % 5 === 0 ? 'failure' : 'success');
		};
		// Half of the calls that leave the window by number do so for a call of the other step. It needs 200 of them.
		callTo(0, 20 + 397);
		expect(figures().failureRateThreshold).toBe(25);
		callTo(20 + 398, 20 + 402);
		expect(figures().failureRateThreshold).toBeGreaterThan(39);
	});

	it('lets no call pass without a trace while a step counts', () => {
		const { store, call } = setUp();
		const inARow = breaker({
			failureRateThreshold: 0,
			slowCallRateThreshold: 0,
			consecutiveFailureThreshold: 3,
		});
		call(inARow, 'success');
		expect(store.passToken(guard(inARow))).toBeDefined();
		call(breaker({}), 'success');
		expect(store.passToken(guard(inARow))).toBeUndefined();
	});
});
