import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../../adapters/memory';
import { parseOptions } from '../../../../core/options';
import type { OutcomeKind } from '../../../../core/outcome';
import { definePolicy, guard } from '../../../../core/policies/define';
import {
	rateLimiterMachine,
	rateLimiterOptions,
	type RateLimiterOptions,
} from '../../../../core/policies/rate-limiter';
import { FakeClock } from '../../../support/fake-clock';
import { holdsForHistories } from '../../../support/property';

const START = Date.UTC(2026, 0, 1);
const SLOW_MS = 100;

const adaptation = {
	adaptive: fc.constant(true),
	backoffRatio: fc.constantFrom(1, 33, 50, 90, 99),
	minimumLimit: fc.constantFrom(1, 7, 10, 50, 99),
	backoffIntervalMs: fc.constantFrom(1, 50, 400),
	recoveryMs: fc.constantFrom(400, 2_000, 7_777),
	slowCallDurationThresholdMs: fc.constantFrom(0, SLOW_MS),
};

type Step =
	| { readonly do: 'call'; readonly weight: number; readonly priority: number }
	| {
			readonly do: 'settle';
			readonly kind: OutcomeKind;
			readonly latencyMs: number;
			readonly throttled: boolean;
	  }
	| { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constant('call' as const),
			weight: fc.constantFrom(1, 1, 1, 2, 5),
			priority: fc.constantFrom(0, 0, 1),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('settle' as const),
			kind: fc.constantFrom<OutcomeKind[]>('success', 'failure', 'slow', 'ignored'),
			latencyMs: fc.constantFrom(0, SLOW_MS - 1, SLOW_MS),
			throttled: fc.constantFrom(false, false, true),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.oneof(
				{ weight: 6, arbitrary: fc.nat({ max: 60 }) },
				{ weight: 2, arbitrary: fc.nat({ max: 900 }) },
				{ weight: 1, arbitrary: fc.constantFrom(-40, 399, 400, 2_000, 7_777) },
			),
		}),
	},
);

/** What is withheld of the limit, said as plainly as possible: from the list of its falls. */
class Withheld {
	private readonly falls: Array<{ at: number; thousandths: number }> = [];

	constructor(private readonly options: RateLimiterOptions) {}

	at(now: number): number {
		const last = this.falls.at(-1);
		if (!last) return 0;
		const { recoveryMs } = this.options;
		const leftMs = Math.max(0, recoveryMs - Math.max(0, now - last.at));
		return Number(ceilDivide(BigInt(last.thousandths) * BigInt(leftMs), BigInt(recoveryMs)));
	}

	settle({ kind, latencyMs, throttled }: Extract<Step, { do: 'settle' }>, now: number): void {
		const { slowCallDurationThresholdMs, backoffIntervalMs, backoffRatio, minimumLimit } =
			this.options;
		const slow =
			slowCallDurationThresholdMs > 0 &&
			kind !== 'ignored' &&
			(kind === 'slow' || latencyMs >= slowCallDurationThresholdMs);
		const last = this.falls.at(-1);
		if (!throttled && !slow) return;
		if (last && now - last.at < backoffIntervalMs) return;
		const left = 1_000 - this.at(now);
		const fallen = Math.max(Math.floor((left * backoffRatio) / 100), minimumLimit * 10);
		this.falls.push({ at: now, thousandths: 1_000 - Math.min(left, fallen) });
	}

	get times(): readonly number[] {
		return this.falls.map(({ at }) => at);
	}
}

const ceilDivide = (amount: bigint, by: bigint): bigint => (amount + by - 1n) / by;

/** An adaptive limiter's only key. */
class Limiter {
	now = START;
	/** What the limiter goes by: a clock that is set back behind the last admission does not give time again. */
	latest = START;
	readonly admitted: Array<{ at: number; weight: number }> = [];
	private readonly machine;
	private readonly cells;

	constructor(readonly options: RateLimiterOptions) {
		this.machine = rateLimiterMachine(options);
		this.cells = new Float64Array(this.machine.size);
	}

	/** Returns 0 when the call was admitted. */
	call(weight: number, priority: number): number {
		const call = { weight, priority, attempt: 1 };
		this.latest = Math.max(this.admitted.at(-1)?.at ?? 0, this.now);
		const waitMs = this.machine.judge(this.cells, 0, this.options, this.now, call);
		if (waitMs === 0) {
			this.machine.take(this.cells, 0, this.options, this.now, call);
			this.admitted.push({ at: this.latest, weight });
			return 0;
		}
		const waitAt = (ms: number) => this.machine.judge(this.cells, 0, this.options, ms, call);
		if (waitMs < Infinity) {
			assert.ok(Number.isInteger(waitMs));
			assert.equal(waitAt(this.now + waitMs), 0);
			if (waitMs > 1) assert.equal(waitAt(this.now + waitMs - 1), 1);
		}
		return waitMs;
	}

	settle(outcome: Extract<Step, { do: 'settle' }>): boolean {
		return this.machine.settle!(this.cells, 0, this.options, this.now, outcome);
	}

	/** What the limiter itself, which knows nothing of falls, has counted in this period. */
	taken(): number {
		const steady = rateLimiterMachine({ ...this.options, adaptive: false });
		const { remaining = 0 } = steady.inspect(this.cells, 0, this.options, this.now);
		return this.options.limit - remaining;
	}

	figures() {
		return this.machine.inspect(this.cells, 0, this.options, this.now);
	}

	idleAt(): number {
		return this.machine.idleAt(this.cells, 0, this.options);
	}

	/** Weight admitted after `from` (exclusive) up to now. */
	admittedSince(from: number): number {
		let sum = 0;
		for (let index = this.admitted.length - 1; index >= 0; index--) {
			const { at, weight } = this.admitted[index]!;
			if (at <= from) break;
			sum += weight;
		}
		return sum;
	}
}

/** Never more than the limit as it is set lets through, however the limit moves. */
const keepsTo: Readonly<Record<RateLimiterOptions['algorithm'], (limiter: Limiter) => void>> = {
	gcra({ admitted, options: { burst, limit, periodMs } }) {
		const last = admitted.at(-1)!;
		let sum = 0;
		for (let first = admitted.length - 1; first >= 0; first--) {
			sum += admitted[first]!.weight;
			assert.ok(sum * periodMs <= burst * periodMs + limit * (last.at - admitted[first]!.at));
		}
	},
	'sliding-window'(limiter) {
		const { limit, periodMs } = limiter.options;
		assert.ok(limiter.admittedSince(limiter.latest - periodMs) <= limit);
	},
	'fixed-window'(limiter) {
		const { limit, periodMs } = limiter.options;
		const start = Math.floor(limiter.latest / periodMs) * periodMs;
		assert.ok(limiter.admittedSince(start - 1) <= limit);
	},
};

describe.each(['gcra', 'sliding-window', 'fixed-window'] as const)(
	'an adaptive limit of %s',
	(algorithm) => {
		const settings = fc
			.record({
				limit: fc.integer({ min: 1, max: 40 }),
				periodMs: fc.integer({ min: 1, max: 2_000 }),
				burst: fc.integer({ min: 1, max: 20 }),
				reservedForPriority: fc.constantFrom(0, 0, 50),
				...adaptation,
			})
			.map((raw) => parseOptions(rateLimiterOptions, { algorithm, ...raw }));

		it('keeps to the limit as it is set in every window, and tells waits exactly', () => {
			let low = 0;
			holdsForHistories(settings, step, (options, steps) => {
				const limiter = new Limiter(options);
				for (const one of steps) {
					if (one.do === 'wait') limiter.now += one.ms;
					else if (one.do === 'settle') limiter.settle(one);
					else if (limiter.call(one.weight, one.priority) === 0) keepsTo[algorithm](limiter);
					if (limiter.figures().effectiveLimit! < options.limit) low++;
				}
			});
			expect(low).toBeGreaterThan(10_000);
		});

		it('lets a share of the calls through once it has fallen, and all again once recovered', () => {
			const options = parseOptions(rateLimiterOptions, {
				algorithm,
				limit: 100,
				periodMs: 1_000,
				adaptive: true,
				backoffRatio: 25,
				recoveryMs: 1_000_000_000,
			});
			const limiter = new Limiter(options);
			const through = (periods: number) => {
				const before = limiter.admitted.length;
				for (const end = limiter.now + periods * 1_000; limiter.now < end; limiter.now++)
					limiter.call(1, 0);
				return (limiter.admitted.length - before) / periods;
			};
			const whole = through(20);
			limiter.settle({ do: 'settle', kind: 'failure', latencyMs: 0, throttled: true });
			expect(through(20) / whole).toBeCloseTo(0.25, 1);
			limiter.now += 1_000_000_000;
			expect(through(20)).toBe(whole);
		});
	},
);

describe('an adaptive limit', () => {
	// A history stays within one period and a limit that it cannot use up, so that all that calls take can be counted.
	const settings = fc.record(adaptation).map((raw) =>
		parseOptions(rateLimiterOptions, {
			algorithm: 'fixed-window',
			limit: 1_000_000,
			periodMs: 10_000_000,
			...raw,
		}),
	);

	it('falls and recovers as its falls say, and takes of calls what that makes them weigh', () => {
		const seen = { falls: 0, taken: 0, recovered: 0 };
		holdsForHistories(settings, step, (options, steps) => {
			const limiter = new Limiter(options);
			limiter.now = Math.floor(START / options.periodMs) * options.periodMs + 1_000_000;
			const withheld = new Withheld(options);
			/** Weight over share since the limit was last whole, within half a thousandth of a call per call. */
			let owed = 0;
			let calls = 0;
			let takenBefore = 0;
			for (const one of steps) {
				if (one.do === 'wait') {
					limiter.now += one.ms;
				} else if (one.do === 'settle') {
					const wasWhole = withheld.at(limiter.now) === 0;
					const falls = withheld.times.length;
					withheld.settle(one, limiter.now);
					const fell = withheld.times.length > falls;
					assert.equal(limiter.settle(one), fell);
					if (fell) seen.falls++;
					if (fell && wasWhole) {
						owed = calls = 0;
						takenBefore = limiter.taken();
					}
				} else {
					const before = limiter.taken();
					assert.equal(limiter.call(one.weight, one.priority), 0);
					const taken = limiter.taken() - before;
					const share = 1_000 - withheld.at(limiter.now);
					if (share === 1_000) {
						seen.recovered++;
						assert.equal(taken, one.weight);
						takenBefore += taken;
					} else {
						seen.taken++;
						assert.ok(taken >= one.weight);
						owed += (one.weight * 1_000) / share;
						calls++;
						const total = limiter.taken() - takenBefore;
						assert.ok(total > owed - 1.000001 && total < owed + calls / 1_000 + 0.000001);
					}
				}
				const share = 1_000 - withheld.at(limiter.now);
				assert.ok(share >= options.minimumLimit * 10);
				assert.equal(limiter.figures().effectiveLimit, share * 1_000);
				const fallenAt = withheld.times.at(-1) ?? -Infinity;
				assert.ok(limiter.idleAt() >= fallenAt + options.recoveryMs);
			}
			const { times } = withheld;
			for (let fall = 1; fall < times.length; fall++)
				assert.ok(times[fall]! - times[fall - 1]! >= options.backoffIntervalMs);
		});
		expect(Math.min(...Object.values(seen))).toBeGreaterThan(2_000);
	});

	it('never falls so low that no call fits', () => {
		for (const algorithm of ['gcra', 'sliding-window', 'fixed-window'] as const) {
			const limiter = new Limiter(
				parseOptions(rateLimiterOptions, { algorithm, limit: 1, adaptive: true, minimumLimit: 1 }),
			);
			for (let second = 0; second < 60; second++, limiter.now += 1_000)
				limiter.settle({ do: 'settle', kind: 'failure', latencyMs: 0, throttled: true });
			expect(limiter.call(1, 0)).toBe(0);
		}
	});

	it.each([
		['gcra', 0.2, 20],
		['sliding-window', 1, 90],
		['fixed-window', 1, 100],
	])(
		'of %s that fell below one call says %d, and lets through %d calls in 100 periods',
		(...made) => {
			const [algorithm, effectiveLimit, calls] = made;
			const limiter = new Limiter(
				parseOptions(rateLimiterOptions, {
					algorithm,
					limit: 2,
					adaptive: true,
					backoffRatio: 1,
					recoveryMs: 1_000_000_000,
				}),
			);
			limiter.now = Math.floor(START / 1_000) * 1_000;
			limiter.settle({ do: 'settle', kind: 'failure', latencyMs: 0, throttled: true });
			for (const end = limiter.now + 100_000; limiter.now < end; limiter.now += 10)
				limiter.call(1, 0);
			expect(limiter.figures().effectiveLimit).toBeCloseTo(effectiveLimit, 2);
			expect(Math.abs(limiter.admitted.length - calls)).toBeLessThanOrEqual(2);
		},
	);

	it('learns of a refusal although the key was forgotten while the call ran', () => {
		const clock = new FakeClock();
		const store = new MemoryPolicyStore(clock);
		const policy = definePolicy('rate-limiter', 'api', { limit: 10, adaptive: true });
		const busy = definePolicy('retry-budget', 'busy', {});
		const admit = (by: typeof policy | typeof busy) =>
			store.admit({ permitId: 'call', guards: [guard(by)], attempt: 1, leaseMs: 1_000 });
		const first = admit(policy);
		clock.advance(60_000);
		for (let call = 0; call < 1_000; call++) admit(busy);
		const address = { kind: 'rate-limiter', name: 'api', key: '' } as const;
		expect(store.inspect(address)).toBeUndefined();
		if (first.status !== 'granted') throw new Error('must be granted');
		store.settle(first.permit, { kind: 'failure', latencyMs: 60_000, throttled: true });
		expect(store.inspect(address)?.figures).toEqual({
			limit: 10,
			effectiveLimit: 5,
			remaining: 5,
		});
	});
});
