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
import { inTime } from './in-time';
import { Settlement } from './settlement';
import type { StoreEvent, WhenStoreIsDown } from './store-event';
import { isOfOneState, type StoreHealth } from './store-health';

/**
 * A shared store with an answer for when it cannot be reached: let calls pass without policies, turn them away, or go by
 * the policies of this process alone. It asks the shared store again as soon as that is back.
 */
export class OutageTolerantStore implements PolicyStore {
	private readonly backlog: Backlog;
	/** Requests that wait in a local queue and that the shared store would turn away, as they are taken back there. */
	private readonly takenBack = new Set<string>();

	constructor(
		private readonly shared: RemotePolicyStore,
		private readonly local: PolicyStore,
		private readonly health: StoreHealth,
		private readonly clock: Clock,
		private readonly whenDown: WhenStoreIsDown,
		private readonly tell: (event: StoreEvent) => void = () => undefined,
	) {
		this.backlog = new Backlog(health, clock);
	}

	admit(request: AdmitRequest): Awaitable<Admission> {
		if (this.health.isDown || this.takenBack.has(request.permitId)) return this.standIn(request);
		const answer = this.shared.admit(request);
		return answer instanceof Promise ? this.admitInTime(request, answer) : answer;
	}

	private async admitInTime(request: AdmitRequest, answer: Promise<Admission>): Promise<Admission> {
		try {
			return await inTime(answer, this.clock);
		} catch (error) {
			this.health.noteLoss(error);
			this.takeBack(request, answer);
			const admission = await this.standIn(request);
			if (admission.status === 'queued') this.takenBack.add(request.permitId);
			return admission;
		}
	}

	async settle(permit: Permit, outcome: Outcome): Promise<Holding> {
		if (permit.degraded === 'local') return await this.local.settle(permit, outcome);
		if (permit.degraded) return 'held';
		const settlement = new Settlement(this.shared, this.clock, permit, outcome);
		if (!this.health.isDown) {
			const answer = settlement.send();
			try {
				return await inTime(answer, this.clock);
			} catch (error) {
				this.health.noteLoss(error);
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

	/** What a store that is down is not told comes back with time. */
	async refund(permit: Permit): Promise<void> {
		if (permit.degraded === 'local') return await this.local.refund(permit);
		if (permit.degraded || this.health.isDown) return;
		try {
			await inTime(Promise.resolve(this.shared.refund(permit)), this.clock);
		} catch (error) {
			this.health.noteLoss(error);
		}
	}

	async extend(permit: Permit, leaseMs: number): Promise<Holding> {
		if (permit.degraded === 'local') return await this.local.extend(permit, leaseMs);
		if (permit.degraded) return 'held';
		return await this.shared.extend(permit, leaseMs);
	}

	async awaitTurn(request: AdmitRequest, maxMs: number): Promise<void> {
		const isShared = !this.health.isDown && !this.takenBack.has(request.permitId);
		if (isShared) await this.shared.awaitTurn(request, maxMs);
		else if (this.whenDown === 'local') await this.local.awaitTurn(request, maxMs);
	}

	async withdraw(request: AdmitRequest): Promise<void> {
		this.takenBack.delete(request.permitId);
		if (this.whenDown === 'local') await this.local.withdraw(request);
		if (this.health.isDown) return;
		try {
			await this.shared.withdraw(request);
		} catch (error) {
			this.health.noteLoss(error);
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

	/** The call goes on without what it may have taken, or takes still: an answer that comes too late may say that it did. */
	private takeBack(request: AdmitRequest, answer: Promise<Admission>): void {
		const cancelUnlessRejected = (late?: Admission): void => {
			if (late?.status !== 'rejected') this.backlog.add(this.cancellationOf(request));
		};
		answer.then(cancelUnlessRejected, (error: unknown) => {
			if (!isOfOneState(error)) cancelUnlessRejected();
		});
	}

	private cancellationOf(request: AdmitRequest): Message {
		return { createdAt: this.clock.now(), send: () => this.shared.cancel(request) };
	}
}

/** Without a store an adaptive timeout is what it is before anything is known. */
function timeoutOf(guards: readonly Guard[]): number | undefined {
	for (const { policy } of guards) if (policy.kind === 'timeout') return policy.options.timeoutMs;
	return undefined;
}
