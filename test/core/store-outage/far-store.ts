import { MemoryPolicyStore } from '../../../adapters/memory';
import { StoreError } from '../../../core/errors';
import type { Outcome } from '../../../core/outcome';
import type {
	Admission,
	AdmitRequest,
	Holding,
	Permit,
	RemotePolicyStore,
} from '../../../core/ports';
import type { FakeClock } from '../../support/fake-clock';

/** For how long it remembers what it answered to a request. */
const REMEMBERED_MS = 15_000;

/** When nobody waits for an answer any more. */
const GIVEN_UP_MS = 6_000;

const NOT_MADE = { kind: 'ignored', latencyMs: 0 } as const;

/**
 * A store in this process behind a link that can be cut. The link may refuse requests, lose them, hold answers back, lose
 * them, or say that a state cannot be read.
 */
export class FarStore {
	link: 'up' | 'refused' | 'silent' | 'slow' | 'mute' | 'torn' | 'confused' = 'up';
	/** Whether a probe gets through what lets nothing else through. */
	isOnlyBackForProbes = false;
	/** What it answers to each request to admit without being asked. */
	known: Admission | undefined;
	readonly inside: MemoryPolicyStore;
	asked = 0;
	/** What was asked. */
	readonly settled: Array<readonly [string, Outcome]> = [];
	/** How often the outcome of a permit counted. */
	readonly counted = new Map<string, number>();
	/** Permits that were cancelled when it was forgotten what they had taken. */
	cancelledTooLate = 0;
	private readonly granted = new Map<string, { permit: Permit; at: number }>();
	private readonly ended = new Map<string, { holding: Holding; at: number }>();

	constructor(private readonly clock: FakeClock) {
		this.inside = new MemoryPolicyStore(clock);
	}

	async ask<T>(request: () => T): Promise<T> {
		this.asked++;
		if (this.link === 'refused') throw new Error('ECONNREFUSED');
		if (this.link === 'confused')
			throw new StoreError('STORE_STATE_INVALID', 'No state', 'Reset it');
		if (this.link === 'silent') {
			await this.wait(GIVEN_UP_MS);
			throw new Error('Command timed out');
		}
		const answer = request();
		if (this.link === 'torn') throw new Error('ECONNRESET');
		if (this.link === 'slow') await this.wait(300);
		if (this.link === 'mute') await this.wait(5_000);
		return answer;
	}

	get store(): RemotePolicyStore {
		const { inside } = this;
		return {
			admit: (request) => this.known ?? this.ask(() => this.admit(request)),
			cancel: (request) => this.ask(() => this.cancel(request)),
			settle: (permit, outcome) => this.ask(() => this.settle(permit, outcome)),
			refund: (permit) => this.ask(() => inside.refund(permit)),
			extend: (permit, leaseMs) => this.ask(() => inside.extend(permit, leaseMs)),
			awaitTurn: (request, maxMs) => inside.awaitTurn(request, maxMs),
			withdraw: (request) => this.ask(() => inside.withdraw(request)),
			inspect: (address) => this.ask(() => inside.inspect(address)),
			override: (policy, key, action) => this.ask(() => inside.override(policy, key, action)),
		};
	}

	private wait(ms: number): Promise<void> {
		return new Promise((resolve) => this.clock.schedule(resolve, ms));
	}

	private isRecent({ at }: { readonly at: number }): boolean {
		return this.clock.now() - at < REMEMBERED_MS;
	}

	/** What was answered when the permit ended, as long as that is remembered. */
	private endOf(permitId: string): Holding | undefined {
		const end = this.ended.get(permitId);
		return end && this.isRecent(end) ? end.holding : undefined;
	}

	private admit(request: AdmitRequest): Admission {
		const { permitId, guards } = request;
		if (this.endOf(permitId)) return { status: 'rejected', by: guards[0]!, retryAfterMs: Infinity };
		const admission = this.inside.admit(request);
		if (admission.status === 'granted')
			this.granted.set(permitId, { permit: admission.permit, at: this.clock.now() });
		return admission;
	}

	private cancel(request: AdmitRequest): void {
		const { permitId } = request;
		if (this.endOf(permitId)) return;
		this.ended.set(permitId, { holding: 'lost', at: this.clock.now() });
		const grant = this.granted.get(permitId);
		this.granted.delete(permitId);
		if (!grant) return this.inside.withdraw(request);
		if (this.isRecent(grant)) return this.inside.refund(grant.permit);
		this.cancelledTooLate++;
		this.inside.settle(grant.permit, NOT_MADE);
	}

	private settle(permit: Permit, outcome: Outcome): Holding {
		this.settled.push([permit.id, outcome]);
		const before = this.endOf(permit.id);
		if (before) return before;
		if (outcome.kind !== 'ignored')
			this.counted.set(permit.id, (this.counted.get(permit.id) ?? 0) + 1);
		const holding = this.inside.settle({ ...permit }, outcome);
		this.ended.set(permit.id, { holding, at: this.clock.now() });
		return holding;
	}
}
