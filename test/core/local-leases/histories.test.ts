import assert from 'node:assert/strict';

import fc from 'fast-check';

import { LeasingPolicyStore } from '../../../core/local-leases';
import { guard } from '../../../core/policies/define';
import type { Admission } from '../../../core/ports';
import { FakeClock, settled } from '../../support/fake-clock';
import { expectWithinLimit, type MadeCall } from '../../support/limit-windows';
import { limiterOf, newPermitId, requestOf, SharedStore, skewed } from './shared-store';

const limiters = fc
	.record({
		algorithm: fc.constantFrom('gcra', 'sliding-window', 'fixed-window'),
		limit: fc.integer({ min: 15, max: 2_000 }),
		periodMs: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 300, max: 5_000 })),
		burst: fc.integer({ min: 15, max: 2_000 }),
		reservedForPriority: fc.constantFrom(0, 0, 50),
		leaseBatchSize: fc.integer({ min: 2, max: 100 }),
		leaseMaxAgeMs: fc.constantFrom(1, 20, 200, 1_000),
	})
	.map(limiterOf);

const world = fc.record({
	policy: limiters,
	serverSkewMs: fc.constantFrom(0, 0, 333, -60_000),
	workerSkewMs: fc.constantFrom(0, 77, 60_000),
	delaysMs: fc.array(fc.constantFrom(0, 0, 0, 0, 0, 1, 5, 40), { minLength: 1, maxLength: 5 }),
});

type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

type Step =
	| {
			readonly do: 'calls';
			readonly worker: number;
			readonly count: number;
			readonly weight: number;
			readonly priority: number;
	  }
	| { readonly do: 'wait'; readonly ms: number }
	| { readonly do: 'drain'; readonly worker: number };

const worker = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 10,
		arbitrary: fc.record({
			do: fc.constant('calls' as const),
			worker,
			count: fc.constantFrom(1, 1, 2, 5, 30),
			weight: fc.constantFrom(1, 1, 1, 2, 9),
			priority: fc.constantFrom(0, 0, 0, 0, 1),
		}),
	},
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.oneof(
				{ weight: 10, arbitrary: fc.nat({ max: 4 }) },
				{ weight: 2, arbitrary: fc.nat({ max: 300 }) },
				{ weight: 1, arbitrary: fc.nat({ max: 3_000 }) },
			),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), worker }) },
);

/** Three workers that share a limiter, with clocks of their own, as the guarded service sees them. */
class Workers {
	readonly made: MadeCall[] = [];
	/** How many admissions were answered at once. */
	atOnce = 0;
	readonly shared: SharedStore;
	private readonly clock = new FakeClock();
	private readonly workers: readonly LeasingPolicyStore[];
	private readonly policy: World['policy'];

	constructor({ policy, serverSkewMs, workerSkewMs, delaysMs }: World) {
		this.policy = policy;
		this.shared = new SharedStore(this.clock, skewed(this.clock, serverSkewMs));
		this.shared.delaysMs = delaysMs;
		this.workers = [0, 1, 2].map(
			(index) =>
				new LeasingPolicyStore(
					this.shared.store,
					skewed(this.clock, index * workerSkewMs),
					newPermitId,
				),
		);
	}

	async play(one: Step): Promise<void> {
		if (one.do === 'wait') return await this.clock.run(one.ms);
		const store = this.workers[one.worker]!;
		if (one.do === 'drain') return void store.drain();
		for (let call = 0; call < one.count; call++) {
			const answer = store.admit(requestOf(guard(this.policy, '', one.weight, one.priority)));
			if (!(answer instanceof Promise)) {
				this.note(answer, one.weight, this.shared.serverClock.now());
				this.atOnce++;
			} else void answer.then((late) => this.note(late, one.weight));
		}
		await settled();
	}

	/** A call whose answer took its time counts as made when it was granted, as it does without leases. */
	private note(answer: Admission, weight: number, at?: number): void {
		if (answer.status === 'granted') this.made.push({ at: at ?? answer.permit.admittedAt, weight });
		else assert.ok(answer.status === 'rejected' && answer.retryAfterMs > 0);
	}

	async end(): Promise<void> {
		await this.clock.run(200);
		const drained = Promise.all(this.workers.map((store) => store.drain()));
		await this.clock.run(200);
		await drained;
		this.made.sort((one, other) => one.at - other.at);
	}

	/** What the limiter knows of calls and batches. */
	get used(): number {
		const { options } = this.policy;
		const found = this.shared.inside.inspect({ kind: 'rate-limiter', name: 'limiter', key: '' });
		return options.limit - (found?.figures.remaining ?? options.limit);
	}

	/** Weight of the calls that a window still holds. */
	get counted(): number {
		const { algorithm, periodMs } = this.policy.options;
		const lengthMs = algorithm === 'fixed-window' ? periodMs : Math.ceil(periodMs / 10);
		const segments =
			algorithm === 'fixed-window' ? 1 : Math.floor((periodMs + lengthMs - 2) / lengthMs) + 1;
		const current = Math.floor(this.shared.serverClock.now() / lengthMs);
		return this.made
			.filter(({ at }) => Math.floor(at / lengthMs) > current - segments)
			.reduce((sum, { weight }) => sum + weight, 0);
	}
}

describe('workers with local leases', () => {
	it('keep to the limit together in every window, and give back all that they did not use', async () => {
		let steps = 0;
		let atOnce = 0;
		const history = fc.array(step, { maxLength: 150, size: 'max' });
		await fc.assert(
			fc.asyncProperty(world, history, async (made, played) => {
				const { policy } = made;
				const workers = new Workers(made);
				for (const one of played) await workers.play(one);
				await workers.end();
				const { algorithm, leaseMaxAgeMs } = policy.options;
				expectWithinLimit(policy.options, workers.made, leaseMaxAgeMs);
				if (algorithm !== 'gcra') assert.equal(workers.used, workers.counted);
				steps += played.length;
				atOnce += workers.atOnce;
			}),
			{ numRuns: 400 },
		);
		expect(steps).toBeGreaterThan(10_000);
		expect(atOnce).toBeGreaterThan(2_000);
	});
});
