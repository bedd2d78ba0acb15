import assert from 'node:assert/strict';

import fc from 'fast-check';

import { MemoryPolicyStore } from '../../../adapters/memory';
import { ScopedBreakerStore } from '../../../core/breaker-scope';
import type { OutcomeKind } from '../../../core/outcome';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission, AdmitRequest, Guard, Permit } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';

const WORKERS = 4;
const LEASE_MS = 700;
const WAIT_MS = 100;

const settings = fc.record({
	scope: fc.constantFrom('local', 'quorum', 'quorum', 'quorum'),
	quorum: fc.integer({ min: 1, max: WORKERS }),
	slots: fc.integer({ min: 1, max: 3 }),
	limit: fc.integer({ min: 2, max: 20 }),
	probes: fc.integer({ min: 1, max: 2 }),
	multiplier: fc.constantFrom(1, 3),
});

type Setting = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

const breakerOf = ({ scope, quorum, probes, multiplier }: Setting) =>
	definePolicy('circuit-breaker', 'api', {
		scope,
		quorum,
		failureRateThreshold: 0,
		slowCallRateThreshold: 0,
		consecutiveFailureThreshold: 2,
		waitDurationInOpenStateMs: WAIT_MS,
		waitDurationMultiplier: multiplier,
		permittedNumberOfCallsInHalfOpenState: probes,
		slowCallDurationThresholdMs: 500,
		idleResetMs: 1_000,
	});

const sharedOf = ({ limit, slots }: Setting): Guard[] => [
	guard(definePolicy('rate-limiter', 'rate', { limit, burst: limit, periodMs: 1_000 })),
	guard(definePolicy('bulkhead', 'slots', { maxConcurrentCalls: slots, maxWaitDurationMs: 0 })),
];

const worker = fc.nat({ max: WORKERS - 1 });
const step = fc.oneof(
	{
		weight: 10,
		arbitrary: fc.record({
			do: fc.constant('call' as const),
			worker,
			guarded: fc.constantFrom([0], [1], [0, 1], []),
		}),
	},
	{
		weight: 9,
		arbitrary: fc.record({
			do: fc.constant('settle' as const),
			which: fc.nat({ max: 9 }),
			kind: fc.constantFrom<OutcomeKind[]>('success', 'failure', 'failure', 'ignored'),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), which: fc.nat() }) },
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.constantFrom(1, 30, 99, 100, 200, 800, 2_000),
		}),
	},
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A permit, and the parts that stores without scopes gave for the same call. */
interface Granted {
	readonly worker: number;
	readonly permit: Permit;
	readonly own: Permit;
	readonly shared: Permit;
}

/**
 * Workers under test, and what each of their policies says by itself: a breaker of each worker that sees its calls
 * alone, the policies that all share, and who must be taken to find the service down until when.
 */
class Cluster {
	readonly clock = new FakeClock();
	private readonly inside = new MemoryPolicyStore(this.clock);
	private readonly workers = Array.from(
		{ length: WORKERS },
		(_, number) =>
			new ScopedBreakerStore(this.inside, new MemoryPolicyStore(this.clock), `worker ${number}`),
	);
	private readonly alone = this.workers.map(() => new MemoryPolicyStore(this.clock));
	private readonly reference = new MemoryPolicyStore(this.clock);
	private readonly votes = new Map<number, number>();
	private readonly granted: Granted[] = [];
	private readonly breaker: Guard;
	private readonly shared: readonly Guard[];
	private ids = 0;

	constructor(private readonly made: Setting) {
		this.breaker = guard(breakerOf(made));
		this.shared = sharedOf(made);
	}

	async play(one: Step): Promise<void> {
		if (one.do === 'wait') this.clock.advance(one.ms);
		if (one.do === 'call') await this.call(one.worker, one.guarded);
		if (one.do === 'settle') await this.settle(one.which, one.kind);
		if (one.do === 'extend') await this.extend(one.which);
		this.compareShared();
	}

	private async call(number: number, guarded: readonly number[]): Promise<void> {
		const shared = guarded.map((index) => this.shared[index]!);
		const request = (guards: Guard[]): AdmitRequest => ({
			permitId: `any:${this.ids}`,
			guards,
			attempt: 1,
			leaseMs: LEASE_MS,
		});
		const answer = await this.workers[number]!.admit(request([...shared, this.breaker]));
		const expected = this.expect(number, request([this.breaker]), request(shared));
		this.ids++;
		assert.equal(answer.status, expected.status);
		if (answer.status === 'granted' && expected.status === 'granted') {
			const { own, shared: part } = expected;
			assert.equal(answer.permit.leased, own.leased || part.leased);
			this.granted.push({ worker: number, permit: answer.permit, own, shared: part });
		}
	}

	/** What a call must be answered, and what it takes where. */
	private expect(
		number: number,
		ownRequest: AdmitRequest,
		sharedRequest: AdmitRequest,
	): { status: 'rejected' } | { status: 'granted'; own: Permit; shared: Permit } {
		const alone = this.alone[number]!;
		const own = alone.admit(ownRequest);
		if (own.status !== 'granted') return { status: 'rejected' };
		const isOutvoted = this.stateOf(number) !== 'half-open' && this.isQuorumStanding;
		const shared: Admission | undefined = isOutvoted
			? undefined
			: this.reference.admit(sharedRequest);
		if (shared?.status === 'granted')
			return { status: 'granted', own: own.permit, shared: shared.permit };
		alone.settle(own.permit, { kind: 'ignored', latencyMs: 0 });
		return { status: 'rejected' };
	}

	private async settle(which: number, kind: OutcomeKind): Promise<void> {
		const [call] = this.granted.splice(which % Math.max(1, this.granted.length), 1);
		if (!call) return;
		const outcome = { kind, latencyMs: 0 };
		const holding = await this.workers[call.worker]!.settle(call.permit, outcome);
		const before = this.stateOf(call.worker);
		const expected = [
			this.alone[call.worker]!.settle(call.own, outcome),
			this.reference.settle(call.shared, outcome),
		];
		assert.equal(holding, expected.every((one) => one === 'held') ? 'held' : 'lost');
		this.noteVote(call.worker, before);
	}

	private async extend(which: number): Promise<void> {
		const call = this.granted[which % Math.max(1, this.granted.length)];
		if (!call) return;
		const holding = await this.workers[call.worker]!.extend(call.permit, LEASE_MS);
		const expected = [
			this.alone[call.worker]!.extend(call.own, LEASE_MS),
			this.reference.extend(call.shared, LEASE_MS),
		];
		assert.equal(holding, expected.every((one) => one === 'held') ? 'held' : 'lost');
	}

	private noteVote(number: number, before: string): void {
		const after = this.stateOf(number);
		if (after === 'closed') this.votes.delete(number);
		if (after !== 'open' || before === 'open') return;
		const { retryAfterMs } = this.alone[number]!.inspect(this.address)!.figures;
		this.votes.set(number, this.clock.now() + retryAfterMs! + WAIT_MS);
	}

	private get isQuorumStanding(): boolean {
		const { scope, quorum } = this.made;
		const standing = [...this.votes.values()].filter((until) => until > this.clock.now());
		return scope === 'quorum' && standing.length >= quorum;
	}

	private readonly address = { kind: 'circuit-breaker', name: 'api', key: '' } as const;

	private stateOf(number: number): string {
		return this.alone[number]!.inspect(this.address)?.state ?? 'closed';
	}

	/** A rejection by whom ever has taken nothing of what all share. */
	private compareShared(): void {
		for (const { policy, key } of this.shared) {
			const address = { kind: policy.kind, name: policy.name, key };
			assert.deepEqual(this.inside.inspect(address), this.reference.inspect(address));
		}
	}
}

it('turns away by the own breaker, the votes and what is shared, and takes nothing where any of them does', async () => {
	let steps = 0;
	const history = fc.array(step, { maxLength: 500, size: 'max' });
	await fc.assert(
		fc.asyncProperty(settings, history, async (made, played) => {
			steps += played.length;
			const cluster = new Cluster(made);
			for (const one of played) await cluster.play(one);
		}),
		{ numRuns: 520 },
	);
	expect(steps).toBeGreaterThanOrEqual(100_000);
});
