import { isOfOneState } from '../errors';
import type { Outcome } from '../outcome';
import type {
	Admission,
	AdmitRequest,
	Awaitable,
	Clock,
	Guard,
	Holding,
	OverrideAction,
	Permit,
	PolicyAddress,
	PolicyDefinition,
	PolicySnapshot,
	PolicyStore,
	RemotePolicyStore,
} from '../ports';
import { Backlog, type Message } from './backlog';
import { GuardsHealth } from './guards-health';
import { inTime } from './in-time';
import { LateGrants } from './late-grants';
import { Settlement } from './settlement';
import type { StoreEvent, WhenStoreIsDown } from './store-event';
import type { StoreHealths } from './store-health';

/** A store that is slow is told of calls while so many answers are due at most, for which nobody waits. */
const MOST_UNANSWERED = 1_000;

/**
 * A shared store with an answer for when it cannot be reached: let calls pass without policies, turn them away, or go by
 * the policies of this process alone. It asks the shared store again as soon as that is back. One that is only slow is
 * told of the calls that are made, so that what they take counts there, and of their ends, so that others have it again;
 * nobody waits for it.
 */
export class OutageTolerantStore implements PolicyStore {
	private readonly health: GuardsHealth;
	private readonly backlog: Backlog;
	private readonly late = new LateGrants();
	private unanswered = 0;
	/** Requests that wait in a local queue and that the shared store would turn away, as they are taken back there. */
	private readonly takenBack = new Set<string>();
	/** Requests that wait in the shared store's queue. */
	private readonly places = new Set<string>();

	constructor(
		private readonly shared: RemotePolicyStore,
		private readonly local: PolicyStore,
		/** By the names of policies. */
		health: StoreHealths<string>,
		private readonly clock: Clock,
		private readonly whenDown: WhenStoreIsDown,
		private readonly tell: (event: StoreEvent) => void = () => undefined,
	) {
		this.health = new GuardsHealth(health);
		this.backlog = new Backlog(this.health, clock);
	}

	admit(request: AdmitRequest): Awaitable<Admission> {
		if (this.takenBack.has(request.permitId)) return this.standIn(request);
		if (this.health.isDown(request)) return this.decideUnasked(request);
		const answer = this.shared.admit(request);
		return answer instanceof Promise ? this.admitInTime(request, answer) : answer;
	}

	private async admitInTime(request: AdmitRequest, answer: Promise<Admission>): Promise<Admission> {
		try {
			const admission = await inTime(answer, this.clock);
			if (admission.status === 'queued') this.places.add(request.permitId);
			else if (this.places.size > 0) this.places.delete(request.permitId);
			return admission;
		} catch (error) {
			this.health.noteFailure(request, error);
			return await this.decideMeanwhile(request, answer);
		}
	}

	async settle(permit: Permit, outcome: Outcome): Promise<Holding> {
		if (!permit.degraded) return await this.settleShared(permit, outcome);
		void this.late.take(permit).then((grant) => grant && this.settleShared(grant, outcome));
		return permit.degraded === 'local' ? await this.local.settle(permit, outcome) : 'held';
	}

	private async settleShared(permit: Permit, outcome: Outcome): Promise<Holding> {
		const settlement = new Settlement(this.shared, this.clock, permit, outcome);
		if (this.health.isDown(permit)) {
			this.backlog.add(settlement);
			return 'lost';
		}
		const answer = settlement.send();
		try {
			return await inTime(answer, this.clock);
		} catch (error) {
			this.health.noteFailure(permit, error);
			void this.backlog.follow(settlement, answer);
			return 'lost';
		}
	}

	async refund(permit: Permit): Promise<void> {
		if (!permit.degraded) return await this.refundShared(permit);
		void this.late.take(permit).then((grant) => grant && this.refundShared(grant));
		if (permit.degraded === 'local') await this.local.refund(permit);
	}

	/** What a store that is lost is not told comes back with time. */
	private async refundShared(permit: Permit): Promise<void> {
		const condition = this.health.conditionOf(permit);
		if (condition === 'lost') return;
		const refunded = Promise.resolve(this.shared.refund(permit));
		if (condition === 'slow') return void refunded.catch(() => undefined);
		try {
			await inTime(refunded, this.clock);
		} catch (error) {
			this.health.noteFailure(permit, error);
		}
	}

	async extend(permit: Permit, leaseMs: number): Promise<Holding> {
		if (!permit.degraded) return await this.shared.extend(permit, leaseMs);
		this.late
			.of(permit)
			.then((grant) => grant && this.shared.extend(grant, leaseMs))
			.catch(() => undefined);
		return permit.degraded === 'local' ? await this.local.extend(permit, leaseMs) : 'held';
	}

	async awaitTurn(request: AdmitRequest, maxMs: number): Promise<void> {
		const isShared = !this.health.isDown(request) && !this.takenBack.has(request.permitId);
		if (isShared) await this.shared.awaitTurn(request, maxMs);
		else if (this.whenDown === 'local') await this.local.awaitTurn(request, maxMs);
	}

	async withdraw(request: AdmitRequest): Promise<void> {
		this.takenBack.delete(request.permitId);
		if (this.whenDown === 'local') await this.local.withdraw(request);
		if (this.health.isDown(request)) return void this.giveUpPlace(request);
		this.places.delete(request.permitId);
		try {
			await inTime(Promise.resolve(this.shared.withdraw(request)), this.clock);
		} catch (error) {
			this.health.noteFailure(request, error);
		}
	}

	/** @throws when the store cannot be reached: what people look at must be true. */
	inspect(address: PolicyAddress): Awaitable<PolicySnapshot | undefined> {
		return this.shared.inspect(address);
	}

	/** @throws when the store cannot be reached. */
	override(policy: PolicyDefinition, key: string, action: OverrideAction): Awaitable<void> {
		return this.shared.override(policy, key, action);
	}

	private async standIn(request: AdmitRequest): Promise<Admission> {
		const { permitId, guards } = request;
		this.tell({ type: 'call-degraded', at: this.clock.now(), mode: this.whenDown });
		switch (this.whenDown) {
			case 'allow': {
				const permit: Permit = {
					id: permitId,
					guards,
					tokens: guards.map(() => 0),
					admittedAt: this.clock.now(),
					leased: false,
					timeoutMs: timeoutOf(guards),
					degraded: 'allow',
				};
				return { status: 'granted', permit };
			}
			case 'reject':
				return { status: 'rejected', by: guards[0]!, retryAfterMs: Infinity, isStoreDown: true };
			case 'local': {
				const admission = await this.local.admit(request);
				if (admission.status !== 'queued') this.takenBack.delete(permitId);
				if (admission.status !== 'granted') return admission;
				return { status: 'granted', permit: { ...admission.permit, degraded: 'local' } };
			}
		}
	}

	/**
	 * Decides without asking. A store that is only slow is told of a call that is made, so that it counts there, but of no
	 * other: what that took would be missing to those who reach the store.
	 */
	private async decideUnasked(request: AdmitRequest): Promise<Admission> {
		const verdict = await this.standIn(request);
		const isTold = this.health.conditionOf(request) !== 'lost' && this.unanswered < MOST_UNANSWERED;
		if (verdict.status !== 'granted' || !isTold) {
			const isGivenUp = this.giveUpPlace(request);
			if (isGivenUp && verdict.status === 'queued') this.takenBack.add(request.permitId);
			return verdict;
		}
		this.places.delete(request.permitId);
		const answer = this.shared.admit(request);
		if (answer instanceof Promise) {
			this.late.keep(request.permitId, this.lateGrant(request, answer, verdict));
			return verdict;
		}
		// What it knows without being asked, such as an open breaker.
		if (this.whenDown === 'local') await this.local.refund(verdict.permit);
		return answer;
	}

	/** Decides without an answer that is not waited for. What it brings later counts for a call that is made. */
	private async decideMeanwhile(
		request: AdmitRequest,
		answer: Promise<Admission>,
	): Promise<Admission> {
		const verdict = await this.standIn(request);
		const grant = this.lateGrant(request, answer, verdict);
		this.places.delete(request.permitId);
		if (verdict.status === 'granted') this.late.keep(request.permitId, grant);
		if (verdict.status === 'queued') this.takenBack.add(request.permitId);
		return verdict;
	}

	/** What a late answer has taken for a call that was let through. All else that it may have taken is taken back. */
	private async lateGrant(
		request: AdmitRequest,
		answer: Promise<Admission>,
		{ status }: Admission,
	): Promise<Permit | undefined> {
		this.unanswered++;
		try {
			const late = await answer;
			if (late.status === 'granted' && status === 'granted') return late.permit;
			if (late.status !== 'rejected') this.backlog.add(this.cancellationOf(request));
		} catch (error) {
			if (!isOfOneState(error)) this.backlog.add(this.cancellationOf(request));
		} finally {
			this.unanswered--;
		}
		return undefined;
	}

	/** @returns whether it had a place in the shared store's queue. */
	private giveUpPlace(request: AdmitRequest): boolean {
		const hadPlace = this.places.delete(request.permitId);
		if (hadPlace) this.backlog.add(this.cancellationOf(request));
		return hadPlace;
	}

	private cancellationOf(request: AdmitRequest): Message {
		return {
			createdAt: this.clock.now(),
			guards: request.guards,
			send: () => this.shared.cancel(request),
		};
	}
}

/** Without a store an adaptive timeout is what it is before anything is known. */
function timeoutOf(guards: readonly Guard[]): number | undefined {
	for (const { policy } of guards) if (policy.kind === 'timeout') return policy.options.timeoutMs;
	return undefined;
}
