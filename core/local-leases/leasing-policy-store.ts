import type { Outcome } from '../outcome';
import { mostLeased } from '../policies/rate-limiter';
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
} from '../ports';
import { KeyLease, type LeaseEnvironment } from './key-lease';
import { isLimiterGuard, type LimiterGuard } from './limiter-guard';

/** What this process has of one limiter. */
interface LimiterLeases {
	/** Its name and options: each execution of a workflow defines its policies anew. */
	readonly id: string;
	/** A heavier call asks itself: a batch would serve few of them. */
	readonly heaviest: number;
	readonly byKey: Map<string, KeyLease>;
}

/**
 * A shared store of which this process takes permits of rate limiters in batches ahead of use, where a limiter's options
 * ask for local leases: most admissions then cost no round trip and are answered at once. It does so for calls that
 * nothing but the limiter guards: another shared policy costs the round trip anyway, and the limiter adds little to it.
 * Calls of a priority above 0 ask themselves, because only the store knows what is kept for them.
 *
 * Sliding windows and fixed quotas see no more calls than their limit in any window, because a batch is used within the
 * segment or quota in which it was counted. With GCRA calls may come later than they were counted, by the maximum age
 * A at most: in t ms at most burst + rate x (t + A) calls, however many processes there are.
 */
export class LeasingPolicyStore implements PolicyStore {
	private readonly limiters = new Map<string, LimiterLeases>();
	private readonly limiterBy = new WeakMap<LimiterGuard['policy'], LimiterLeases>();
	private readonly leases = new Set<KeyLease>();
	private readonly environment: LeaseEnvironment;
	private isRetired = false;

	constructor(
		private readonly shared: PolicyStore,
		clock: Clock,
		/** Makes ids that are unique for ever, across processes. */
		newPermitId: () => string,
	) {
		this.environment = { shared, clock, newPermitId };
	}

	admit(request: AdmitRequest): Awaitable<Admission> {
		const { guards } = request;
		const [guard] = guards;
		if (
			this.isRetired ||
			guards.length !== 1 ||
			!isLimiterGuard(guard!) ||
			!guard.policy.options.localLeases
		)
			return this.shared.admit(request);
		const limiter = this.limiterOf(guard.policy);
		if (guard.priority > 0 || guard.weight > limiter.heaviest) return this.shared.admit(request);
		const lease = limiter.byKey.get(guard.key) ?? this.open(limiter, guard);
		return lease.admit(request, guard.weight);
	}

	passToken(guard: Guard): number | undefined {
		return this.shared.passToken?.(guard);
	}

	/** A limiter whose limit is not adaptive learns nothing from how a call ended. */
	settle(permit: Permit, outcome: Outcome): Awaitable<Holding> {
		return isServed(permit) ? 'held' : this.shared.settle(permit, outcome);
	}

	refund(permit: Permit): Awaitable<void> {
		if (!isServed(permit)) return this.shared.refund(permit);
		const [takenAt] = permit.tokens as [number];
		return this.shared.refund({ ...permit, tokens: [0], admittedAt: takenAt });
	}

	extend(permit: Permit, leaseMs: number): Awaitable<Holding> {
		return isServed(permit) ? 'held' : this.shared.extend(permit, leaseMs);
	}

	awaitTurn(request: AdmitRequest, maxMs: number): Promise<void> {
		return this.shared.awaitTurn(request, maxMs);
	}

	withdraw(request: AdmitRequest): Awaitable<void> {
		return this.shared.withdraw(request);
	}

	inspect(address: PolicyAddress): Awaitable<PolicySnapshot | undefined> {
		return this.shared.inspect(address);
	}

	override(policy: PolicyDefinition, key: string, action: OverrideAction): Awaitable<void> {
		return this.shared.override(policy, key, action);
	}

	/** Gives back all permits that nobody has used: before the connection is closed. */
	async drain(): Promise<void> {
		await Promise.all([...this.leases].map((lease) => lease.end()));
	}

	/** The same, and takes none ahead any more, because the process is about to end. */
	async retire(): Promise<void> {
		this.isRetired = true;
		await this.drain();
	}

	private limiterOf(policy: LimiterGuard['policy']): LimiterLeases {
		const known = this.limiterBy.get(policy);
		if (known !== undefined) return known;
		const id = JSON.stringify([policy.name, policy.options]);
		const heaviest = mostLeased(policy.options) / 2;
		const limiter = this.limiters.get(id) ?? { id, heaviest, byKey: new Map() };
		this.limiterBy.set(policy, limiter);
		return limiter;
	}

	private open(limiter: LimiterLeases, guard: LimiterGuard): KeyLease {
		const { id, byKey } = limiter;
		const { key } = guard;
		const lease = new KeyLease({ ...guard, weight: 1 }, this.environment, () => {
			byKey.delete(key);
			if (byKey.size === 0) this.limiters.delete(id);
			this.leases.delete(lease);
		});
		byKey.set(key, lease);
		this.limiters.set(id, limiter);
		this.leases.add(lease);
		return lease;
	}
}

/** Whether a permit came out of a batch: its token says when that was taken. */
const isServed = ({ guards, tokens }: Permit): boolean =>
	guards.length === 1 &&
	tokens[0] !== 0 &&
	isLimiterGuard(guards[0]!) &&
	!guards[0].policy.options.adaptive;
