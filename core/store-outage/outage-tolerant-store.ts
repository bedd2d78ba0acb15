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
import { isOfOneState, type StoreHealths } from './store-health';

/** A store that is slow is told of calls while so many answers are due at most, for which nobody waits. */
const MOST_UNANSWERED = 1_000;

/**
 * A shared store with an answer for when it cannot be reached: let calls pass without policies, turn them away, or go by
 * the policies of this process alone. It asks the shared store again as soon as that is back. One that is only slow is
 * told of calls all the same, so that what they take counts there; they are decided without waiting for it.
 */
export class OutageTolerantStore implements PolicyStore {
	private readonly health: GuardsHealth;
	private readonly backlog: Backlog;
	private readonly late = new LateGrants();
	private unanswered = 0;
	/** Requests that wait in a local queue and that the shared store would turn away, as they are taken back there. */
	private readonly takenBack = new Set<string>();

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
		const condition = this.health.conditionOf(request);
		const isTold = condition === 'up' || this.unanswered < MOST_UNANSWERED;
		const isRefused = this.takenBack.has(request.permitId);
		if (condition === 'lost' || !isTold || isRefused) return this.standIn(request);
		const answer = this.shared.admit(request);
		if (!(answer instanceof Promise)) return answer;
		return condition === 'up'
			? this.admitInTime(request, answer)
			: this.decideMeanwhile(request, answer);
	}

	private async admitInTime(request: AdmitRequest, answer: Promise<Admission>): Promise<Admission> {
		try {
			return await inTime(answer, this.clock);
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
		if (!this.health.isDown(permit)) {
			const answer = settlement.send();
			try {
				return await inTime(answer, this.clock);
			} catch (error) {
				this.health.noteFailure(permit, error);
				if (isOfOneState(error)) return 'lost';
				answer.then(
					() => this.backlog.drop(settlement),
					() => undefined,
				);
			}
		}
		this.backlog.add(settlement);
		return 'lost';
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
		const refunded = inTime(Promise.resolve(this.shared.refund(permit)), this.clock);
		const noted = refunded.catch((error: unknown) => this.health.noteFailure(permit, error));
		if (condition === 'up') await noted;
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
		if (this.health.isDown(request)) return;
		try {
			await this.shared.withdraw(request);
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
	 * Decides without an answer that is not waited for. A call that is let through keeps what such an answer has taken for
	 * it, so that the shared store counts it.
	 */
	private async decideMeanwhile(
		request: AdmitRequest,
		answer: Promise<Admission>,
	): Promise<Admission> {
		const verdict = this.standIn(request);
		const grant = this.lateGrant(request, answer, verdict);
		const admission = await verdict;
		if (admission.status === 'granted') this.late.keep(request.permitId, grant);
		if (admission.status === 'queued') this.takenBack.add(request.permitId);
		return admission;
	}

	/** What a late answer has taken for a call that was let through. All else that it may have taken is taken back. */
	private async lateGrant(
		request: AdmitRequest,
		answer: Promise<Admission>,
		verdict: Promise<Admission>,
	): Promise<Permit | undefined> {
		this.unanswered++;
		try {
			const [late, { status }] = [await answer, await verdict];
			if (late.status === 'granted' && status === 'granted') return late.permit;
			if (late.status !== 'rejected') this.backlog.add(this.cancellationOf(request));
		} catch (error) {
			if (!isOfOneState(error)) this.backlog.add(this.cancellationOf(request));
		} finally {
			this.unanswered--;
		}
		return undefined;
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
