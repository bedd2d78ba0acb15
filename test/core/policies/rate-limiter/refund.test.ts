import assert from 'node:assert/strict';

import fc from 'fast-check';

import { parseOptions } from '../../../../core/options';
import {
	rateLimiterMachine,
	rateLimiterOptions,
	type RateLimiterOptions,
} from '../../../../core/policies/rate-limiter';
import { expectWithinLimit } from '../../../support/limit-windows';
import { holdsForHistories } from '../../../support/property';

const START = Date.UTC(2026, 0, 1);
const THROTTLED = { kind: 'failure', latencyMs: 0, throttled: true } as const;

/** A call that was let through. */
interface Admitted {
	readonly takenAt: number;
	/** As the limiter sees it, whose time never runs back. */
	readonly at: number;
	readonly token: number;
	readonly weight: number;
}

/** A limiter's only key. */
class Limiter {
	private readonly machine;
	private readonly cells: Float64Array;

	constructor(private readonly options: RateLimiterOptions) {
		this.machine = rateLimiterMachine(options);
		this.cells = new Float64Array(this.machine.size);
	}

	waitMs(now: number, weight = 1): number {
		const call = { weight, attempt: 1, priority: 0 };
		return this.machine.judge(this.cells, 0, this.options, now, call);
	}

	/** Returns the token. */
	take(now: number, weight: number): number {
		const call = { weight, attempt: 1, priority: 0 };
		return this.machine.take(this.cells, 0, this.options, now, call);
	}

	refund({ takenAt, token, weight }: Omit<Admitted, 'at'>): void {
		this.machine.refund(this.cells, 0, this.options, { takenAt, token, weight });
	}

	throttle(now: number): void {
		this.machine.settle?.(this.cells, 0, this.options, now, THROTTLED);
	}

	/** All that can be told of its state. */
	seen(now: number): string {
		const { limit, algorithm, burst } = this.options;
		const most = algorithm === 'gcra' ? burst : limit;
		let seen = `${this.machine.inspect(this.cells, 0, this.options, now).remaining}`;
		for (const weight of [1, 2, most]) seen += ` ${this.waitMs(now, weight)}`;
		return seen;
	}
}

const settings = (algorithm: RateLimiterOptions['algorithm'], ...adaptive: boolean[]) =>
	fc
		.record({
			adaptive: fc.constantFrom(...adaptive),
			limit: fc.integer({ min: 1, max: 12 }),
			periodMs: fc.integer({ min: 1, max: 300 }),
			burst: fc.integer({ min: 1, max: 8 }),
			backoffRatio: fc.constantFrom(33, 50, 90),
			minimumLimit: fc.constantFrom(1, 10),
			backoffIntervalMs: fc.constantFrom(1, 50),
			recoveryMs: fc.constantFrom(50, 400, 5_000),
		})
		.map((raw) => parseOptions(rateLimiterOptions, { algorithm, ...raw }));

type Step =
	| { readonly do: 'call'; readonly weight: number }
	/** A share of a call's weight; all of it where the limit is adaptive. */
	| { readonly do: 'refund'; readonly which: number; readonly share: number }
	| { readonly do: 'throttle' }
	| { readonly do: 'wait'; readonly ms: number };

const steps = (setsClockBack: boolean): fc.Arbitrary<Step> =>
	fc.oneof(
		{
			weight: 12,
			arbitrary: fc.record({
				do: fc.constant('call' as const),
				weight: fc.constantFrom(1, 1, 1, 2, 5),
			}),
		},
		{
			weight: 6,
			arbitrary: fc.record({
				do: fc.constant('refund' as const),
				which: fc.oneof(fc.constant(0), fc.nat({ max: 9 })),
				share: fc.constantFrom(1, 1, 0.5),
			}),
		},
		{ weight: 1, arbitrary: fc.constant({ do: 'throttle' as const }) },
		{
			weight: 6,
			arbitrary: fc.record({
				do: fc.constant('wait' as const),
				ms: fc.oneof(
					{ weight: 6, arbitrary: fc.nat({ max: 20 }) },
					{ weight: 2, arbitrary: fc.nat({ max: 400 }) },
					{ weight: setsClockBack ? 1 : 0, arbitrary: fc.constantFrom(-5, -60, -500) },
				),
			}),
		},
	);

describe.each(['gcra', 'sliding-window', 'fixed-window'] as const)(
	'a refund of %s',
	(algorithm) => {
		it('lets no more calls be made in any window, whatever is refunded when', () => {
			let refunds = 0;
			holdsForHistories(settings(algorithm, false, true), steps(true), (options, played) => {
				const limiter = new Limiter(options);
				let now = START;
				let latest = 0;
				let all: Admitted[] = [];
				for (const one of played) {
					if (one.do === 'wait') {
						now += one.ms;
					} else if (one.do === 'throttle') {
						limiter.throttle(now);
					} else if (one.do === 'call') {
						if (limiter.waitMs(now, one.weight) > 0) continue;
						latest = Math.max(latest, now);
						const token = limiter.take(now, one.weight);
						all.push({ takenAt: now, at: latest, token, weight: one.weight });
					} else {
						const call = all[all.length - 1 - one.which];
						if (!call || call.weight === 0) continue;
						const share = options.adaptive ? 1 : one.share;
						const back = Math.ceil(call.weight * share);
						limiter.refund({ ...call, weight: back });
						all = all.map((other) =>
							other === call ? { ...call, weight: call.weight - back } : other,
						);
						refunds++;
					}
				}
				expectWithinLimit(options, all);
			});
			expect(refunds).toBeGreaterThan(5_000);
		});

		it('leaves nothing of a call that nobody followed', () => {
			let ghosts = 0;
			holdsForHistories(settings(algorithm, false, true), steps(false), (options, played) => {
				const [limiter, untouched] = [new Limiter(options), new Limiter(options)];
				let now = START;
				let ghost: Omit<Admitted, 'at'> | undefined;
				for (const one of played) {
					if (one.do === 'wait') now += one.ms;
					else if (one.do === 'refund' && !ghost) {
						if (limiter.waitMs(now) > 0) continue;
						ghost = { takenAt: now, weight: 1, token: limiter.take(now, 1) };
						ghosts++;
						// Others only go on when it is over.
						continue;
					}
					if (ghost) {
						limiter.refund(ghost);
						assert.equal(limiter.seen(now), untouched.seen(now));
						ghost = undefined;
					}
					if (one.do === 'throttle') for (const each of [limiter, untouched]) each.throttle(now);
					if (one.do === 'call') {
						const waits = [limiter, untouched].map((each) => each.waitMs(now, one.weight));
						assert.equal(waits[0], waits[1]);
						if (waits[0] === 0) for (const each of [limiter, untouched]) each.take(now, one.weight);
					}
				}
			});
			expect(ghosts).toBeGreaterThan(5_000);
		});
	},
);

describe.each(['sliding-window', 'fixed-window'] as const)('%s', (algorithm) => {
	it('is as if refunded calls had never been, although others followed them', () => {
		let refunds = 0;
		holdsForHistories(settings(algorithm, false), steps(false), (options, played) => {
			const [limiter, untouched] = [new Limiter(options), new Limiter(options)];
			let now = START;
			let open: Array<Omit<Admitted, 'at'>> = [];
			played.forEach((one, index) => {
				if (one.do === 'wait') now += one.ms;
				else if (one.do === 'call' && limiter.waitMs(now, one.weight) === 0) {
					const token = limiter.take(now, one.weight);
					if (index % 3 === 0) open.push({ takenAt: now, token, weight: one.weight });
					else untouched.take(now, one.weight);
				} else if (one.do === 'refund' && one.which === 0) {
					for (const call of open) limiter.refund(call);
					refunds += open.length;
					open = [];
					assert.equal(limiter.seen(now), untouched.seen(now));
				}
			});
		});
		expect(refunds).toBeGreaterThan(5_000);
	});
});

it('gives no more back of a call than it drew, after one before it was refunded', () => {
	const options = parseOptions(rateLimiterOptions, {
		...{ algorithm: 'gcra', limit: 1, periodMs: 1_000, burst: 8, adaptive: true },
		...{ backoffRatio: 90, minimumLimit: 1, backoffIntervalMs: 1, recoveryMs: 5_000_000 },
	});
	const limiter = new Limiter(options);
	limiter.throttle(START);
	const take = (now: number) => ({ takenAt: now, token: limiter.take(now, 1), weight: 1 });
	// Each weighs 1.112 at nine tenths of the limit, so the ninth draws what the others have left over.
	const first = Array.from({ length: 9 }, (_, index) => take(START + 1_000 * index));
	const later = START + 100_000;
	const last = [take(later), take(later)];
	expect([6, 7].map((weight) => limiter.waitMs(later, weight))).toEqual([0, 1_000]);
	// What these drew has drained, and what they left over was drawn by the ninth.
	for (const call of first.slice(0, 2)) limiter.refund(call);
	limiter.refund(last[1]!);
	expect([7, 8].map((weight) => limiter.waitMs(later, weight))).toEqual([0, 1_000]);
});
