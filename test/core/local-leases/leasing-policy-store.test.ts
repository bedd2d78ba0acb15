import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../adapters/memory';
import { LeasingPolicyStore } from '../../../core/local-leases';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission, AdmitRequest, Clock, Guard, RemotePolicyStore } from '../../../core/ports';
import { OutageTolerantStore, StoreHealth } from '../../../core/store-outage';
import { FakeClock, settled } from '../../support/fake-clock';
import { expectWithinLimit, type MadeCall } from '../../support/limit-windows';

/** The same time told by another clock. */
const skewed = (clock: Clock, byMs: number): Clock => ({
	now: () => clock.now() + byMs,
	schedule: (callback, delayMs) => clock.schedule(callback, delayMs),
});

/** A store that is some way off and has a clock of its own. */
class SharedStore {
	/** What was asked, in words. */
	readonly requests: string[] = [];
	readonly inside: MemoryPolicyStore;
	/** One way, in ms; taken by turns. */
	delaysMs: readonly number[] = [0];
	isCut = false;
	private sent = 0;

	constructor(
		private readonly clock: Clock,
		readonly serverClock: Clock = clock,
	) {
		this.inside = new MemoryPolicyStore(serverClock);
	}

	get store(): RemotePolicyStore {
		const { inside } = this;
		return {
			admit: (request) =>
				this.ask(`admit ${request.guards[0]!.weight}`, () => inside.admit(request)),
			settle: (permit, outcome) => this.ask('settle', () => inside.settle(permit, outcome)),
			refund: (permit) =>
				this.ask(`refund ${permit.guards[0]!.weight}`, () => inside.refund(permit)),
			cancel: (request) => this.ask('cancel', () => inside.withdraw(request)),
			extend: (permit, leaseMs) => this.ask('extend', () => inside.extend(permit, leaseMs)),
			awaitTurn: (request, maxMs) => inside.awaitTurn(request, maxMs),
			withdraw: (request) => this.ask('withdraw', () => inside.withdraw(request)),
			inspect: (address) => inside.inspect(address),
			override: (policy, key, action) => inside.override(policy, key, action),
		};
	}

	private async ask<T>(what: string, request: () => T): Promise<T> {
		this.requests.push(what);
		if (this.isCut) throw new Error('ECONNREFUSED');
		await this.pass();
		const answer = request();
		await this.pass();
		return answer;
	}

	private async pass(): Promise<void> {
		const delayMs = this.delaysMs[this.sent++ % this.delaysMs.length]!;
		if (delayMs > 0) await new Promise<void>((resolve) => this.clock.schedule(resolve, delayMs));
	}
}

let ids = 0;
const newPermitId = (): string => `permit ${ids++}`;

const requestOf = (...guards: Guard[]): AdmitRequest => ({
	permitId: newPermitId(),
	guards,
	attempt: 1,
	leaseMs: 1_000,
});

const limiterOf = (options: object) =>
	definePolicy('rate-limiter', 'limiter', { localLeases: true, ...options });

function setUp(options: object = {}) {
	const clock = new FakeClock();
	// Not where one lease time ends and another begins.
	clock.advance(5);
	const shared = new SharedStore(clock);
	const store = new LeasingPolicyStore(shared.store, clock, newPermitId);
	const policy = limiterOf({ limit: 10_000, periodMs: 1_000, ...options });
	const call = (weight = 1, priority = 0) =>
		store.admit(requestOf(guard(policy, '', weight, priority)));
	const remaining = () =>
		shared.inside.inspect({ kind: 'rate-limiter', name: 'limiter', key: '' })?.figures.remaining;
	return { clock, shared, store, policy, call, remaining };
}

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

describe('a local lease', () => {
	it('answers most calls at once, with one request for as many as are used in its time', async () => {
		const { clock, shared, call } = setUp();
		let atOnce = 0;
		for (let ms = 0; ms < 5_000; ms++) {
			for (let each = 0; each < 2; each++) if (!(call() instanceof Promise)) atOnce++;
			await clock.run(1);
		}
		expect(atOnce).toBeGreaterThan(9_000);
		expect(shared.requests.filter((what) => what.startsWith('admit')).length).toBeLessThan(400);
	});

	it('lets calls that come together share a request', async () => {
		const { clock, shared, call } = setUp();
		shared.delaysMs = [10];
		const calls = Array.from({ length: 50 }, () => call());
		await clock.run(100);
		for (const answer of calls) expect(await answer).toMatchObject({ status: 'granted' });
		expect(shared.requests.filter((what) => what.startsWith('admit'))).toHaveLength(2);
	});

	it('never takes more than a tenth of the limit', async () => {
		const { clock, shared, call } = setUp({ limit: 200 });
		for (let each = 0; each < 150; each++) {
			void call();
			await settled();
		}
		await clock.run(0);
		const sizes = shared.requests
			.filter((what) => what.startsWith('admit'))
			.map((what) => Number(what.split(' ')[1]));
		expect(Math.max(...sizes)).toBe(20);
	});

	it('is given back when its time is over, and then nothing is left to do', async () => {
		const { clock, shared, call, remaining } = setUp({
			algorithm: 'fixed-window',
			periodMs: 86_400_000,
		});
		for (let each = 0; each < 10; each++) {
			void call();
			await settled();
		}
		expect(remaining()).toBeLessThan(9_990);
		await clock.run(1_001);
		expect(remaining()).toBe(9_990);
		await clock.run(3_000);
		expect(clock.pendingTimers).toBe(0);
		expect(shared.requests.filter((what) => what.startsWith('refund'))).toHaveLength(1);
	});

	it('is given back when the process ends', async () => {
		const { clock, store, call, remaining } = setUp();
		for (let each = 0; each < 10; each++) {
			void call();
			await settled();
		}
		await store.drain();
		expect(remaining()).toBe(9_990);
		expect(clock.pendingTimers).toBe(0);
	});

	it('is given back when the process is told to end, also what is on its way, and none is taken after', async () => {
		const { clock, store, shared, call, remaining } = setUp();
		for (let each = 0; each < 10; each++) {
			void call();
			await settled();
		}
		await clock.run(200);
		shared.delaysMs = [10];
		const late = call();
		expect(late).toBeInstanceOf(Promise);
		let isRetired = false;
		void store.retire().then(() => (isRetired = true));
		await clock.run(100);
		expect(isRetired).toBe(true);
		expect(await late).toMatchObject({ status: 'granted' });
		expect(remaining()).toBe(9_989);
		expect(clock.pendingTimers).toBe(0);
		for (let each = 0; each < 10; each++) void call();
		await clock.run(100);
		expect(remaining()).toBe(9_979);
		expect(clock.pendingTimers).toBe(0);
	});

	it('needs no request to settle or extend a permit, and one to refund it', async () => {
		const { store, shared, call, remaining } = setUp();
		for (let each = 0; each < 5; each++) await call();
		shared.requests.length = 0;
		const answer = call() as Admission;
		if (answer.status !== 'granted') throw new Error('It must be granted');
		const stored = JSON.parse(JSON.stringify(answer.permit)) as typeof answer.permit;
		expect(store.settle(stored, { kind: 'success', latencyMs: 1 })).toBe('held');
		expect(store.extend(stored, 1_000)).toBe('held');
		expect(shared.requests).toEqual([]);
		await store.refund(stored);
		await store.drain();
		expect(remaining()).toBe(9_995);
	});

	it('is shared by all who define the limiter alike', async () => {
		const { shared, store } = setUp();
		for (let each = 0; each < 100; each++) {
			const policy = limiterOf({ limit: 10_000, periodMs: 1_000 });
			await store.admit(requestOf(guard(policy)));
		}
		expect(shared.requests.length).toBeLessThan(20);
	});

	it('leaves calls of priority, heavy calls and calls under other policies to the store', async () => {
		const { store, shared, policy, call } = setUp();
		for (let each = 0; each < 4; each++) await call();
		shared.requests.length = 0;
		await call(1, 1);
		await call(51);
		await store.admit(requestOf(guard(policy), guard(definePolicy('bulkhead', 'slots'))));
		expect(shared.requests).toEqual(['admit 1', 'admit 51', 'admit 1']);
	});

	it('remembers for its time that the store turned a call away', async () => {
		const { clock, shared, call } = setUp({ limit: 20, periodMs: 60_000, leaseMaxAgeMs: 500 });
		for (let each = 0; each < 20; each++) await call();
		expect(await call()).toMatchObject({ status: 'rejected' });
		shared.requests.length = 0;
		const answer = call();
		expect(answer).not.toBeInstanceOf(Promise);
		expect(answer).toMatchObject({
			status: 'rejected',
			retryAfterMs: expect.any(Number) as number,
		});
		await clock.run(500);
		void call();
		expect(shared.requests).toEqual(['admit 1']);
	});

	it('takes nothing ahead while the store is down, and does again when it is back', async () => {
		const clock = new FakeClock();
		const shared = new SharedStore(clock);
		const health = new StoreHealth(clock, async () => {
			if (shared.isCut) throw new Error('ECONNREFUSED');
		});
		const local = new MemoryPolicyStore(clock);
		const tolerant = new OutageTolerantStore(shared.store, local, health, clock, 'local');
		const store = new LeasingPolicyStore(tolerant, clock, newPermitId);
		const policy = limiterOf({ limit: 1_000, periodMs: 60_000, leaseMaxAgeMs: 100 });
		const call = async () => await store.admit(requestOf(guard(policy)));
		for (let each = 0; each < 10; each++) await call();
		shared.isCut = true;
		await clock.run(100);
		for (let each = 0; each < 10; each++)
			expect(await call()).toMatchObject({ status: 'granted', permit: { degraded: 'local' } });
		const counted = local.inspect({ kind: 'rate-limiter', name: 'limiter', key: '' });
		expect(counted?.figures.remaining).toBe(990);
		shared.isCut = false;
		await clock.run(2_000);
		for (let each = 0; each < 10; each++) {
			const { permit } = (await call()) as Extract<Admission, { status: 'granted' }>;
			expect(permit.degraded).toBeUndefined();
		}
	});

	it('cannot be had for an adaptive limit', () => {
		expect(() => limiterOf({ adaptive: true })).toThrow('"Local Leases" is true');
	});
});
