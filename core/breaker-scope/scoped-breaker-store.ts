import type { Outcome } from '../outcome';
import type {
	Admission,
	AdmitRequest,
	Awaitable,
	Guard,
	Holding,
	OverrideAction,
	Permit,
	PolicyAddress,
	PolicyDefinition,
	PolicySnapshot,
	PolicyStore,
} from '../ports';
import { Ballot } from './ballot';
import { isOwn, isOwnGuard, isVotedOn, type OwnGuard } from './scope-of';

/** A store in this process: it answers at once. */
export interface InProcessStore extends PolicyStore {
	admit(request: AdmitRequest): Admission;
	settle(permit: Permit, outcome: Outcome): Holding;
	refund(permit: Permit): void;
	extend(permit: Permit, leaseMs: number): Holding;
	inspect(address: PolicyAddress): PolicySnapshot | undefined;
	override(policy: PolicyDefinition, key: string, action: OverrideAction): void;
}

/** A guard that the shared store judges, and which guard of the call it stands for. */
interface SharedPart {
	readonly guard: Guard;
	readonly index: number;
}

/**
 * A shared store for policies of which some breakers are not shared: each worker has those of scope `local` and `quorum`
 * for itself, so that one worker whose calls fail for reasons of its own cannot turn away those of the others. By
 * `quorum` a worker votes in the shared store while its own breaker is not closed, and workers whose breaker is closed
 * turn calls away while a quorum of votes stands. An admission takes at most one request to the shared store, and a
 * rejection by either store takes nothing of the other.
 */
export class ScopedBreakerStore implements PolicyStore {
	private readonly ballot: Ballot;
	private readonly settled = new WeakMap<Permit, Awaitable<Holding>>();
	/** Requests that have a place in a queue of the shared store. */
	private readonly queued = new Set<string>();

	constructor(
		private readonly shared: PolicyStore,
		/** For the breakers of this worker. */
		private readonly own: InProcessStore,
		/** Name of this worker. It keeps it when it starts anew, so that it does not vote twice. */
		worker: string,
	) {
		this.ballot = new Ballot(worker);
	}

	admit(request: AdmitRequest): Awaitable<Admission> {
		const own = request.guards.filter(isOwnGuard);
		if (own.length === 0) return this.shared.admit(request);
		const answer = this.own.admit({ ...request, guards: own });
		if (answer.status !== 'granted') return this.withdrawn(request, answer);
		const parts = this.sharedParts(request.guards, answer.permit);
		return parts.length === 0 ? answer : this.admitToBoth(request, answer.permit, parts);
	}

	passToken(guard: Guard): number | undefined {
		if (!isOwnGuard(guard)) return this.shared.passToken?.(guard);
		return isVotedOn(guard.policy) ? undefined : this.own.passToken?.(guard);
	}

	settle(permit: Permit, outcome: Outcome): Awaitable<Holding> {
		const own = permit.guards.filter(isOwnGuard);
		if (own.length === 0) return this.shared.settle(permit, outcome);
		if (own.length === permit.guards.length && !own.some(({ policy }) => isVotedOn(policy)))
			return this.own.settle(permit, outcome);
		const before = this.settled.get(permit);
		if (before !== undefined) return before;
		const holding = this.own.settle(partOf(permit, isOwnGuard), outcome);
		const settled = this.settleShared(permit, own, outcome, holding);
		this.settled.set(permit, settled);
		return settled;
	}

	refund(permit: Permit): Awaitable<void> {
		if (this.settled.has(permit)) return;
		this.settled.set(permit, 'lost');
		const [own, shared] = [partOf(permit, isOwnGuard), partOf(permit, isSharedGuard)];
		if (own.guards.length > 0) this.own.refund(own);
		if (shared.guards.length > 0) return this.shared.refund(shared);
	}

	extend(permit: Permit, leaseMs: number): Awaitable<Holding> {
		const own = partOf(permit, isOwnGuard);
		if (own.guards.length === 0) return this.shared.extend(permit, leaseMs);
		const holding = this.own.extend(own, leaseMs);
		const shared = partOf(permit, isSharedGuard);
		return shared.guards.length === 0
			? holding
			: both(holding, this.shared.extend(shared, leaseMs));
	}

	async awaitTurn(request: AdmitRequest, maxMs: number): Promise<void> {
		await this.shared.awaitTurn(sharedPartOf(request), maxMs);
	}

	withdraw(request: AdmitRequest): Awaitable<void> {
		this.queued.delete(request.permitId);
		return this.shared.withdraw(sharedPartOf(request));
	}

	/** A breaker of scope `local` as this worker has it; one of scope `quorum` with the votes on it. */
	async inspect(address: PolicyAddress): Promise<PolicySnapshot | undefined> {
		if (address.kind !== 'circuit-breaker') return await this.shared.inspect(address);
		const own = this.own.inspect(address);
		const votes = await this.shared.inspect({ ...address, kind: 'breaker-quorum' });
		if (!votes) return own ?? (await this.shared.inspect(address));
		const decides = own && votes.state === 'closed' ? own : votes;
		const { state, since } = decides;
		const figures: Record<string, number> = {
			...own?.figures,
			...votes.figures,
			...decides.figures,
		};
		// While one is isolated there is no time left to tell of.
		if (decides.figures.retryAfterMs === undefined) delete figures.retryAfterMs;
		return {
			address,
			state,
			...(since !== undefined && { since }),
			figures,
		};
	}

	/** By quorum it holds for all workers, but none closes the own breaker of another. */
	override(policy: PolicyDefinition, key: string, action: OverrideAction): Awaitable<void> {
		if (!isOwn(policy)) return this.shared.override(policy, key, action);
		const isClosing = action === 'close' || action === 'reset';
		if (isClosing || !isVotedOn(policy)) this.own.override(policy, key, action);
		if (isVotedOn(policy)) return this.shared.override(this.ballot.policyOf(policy), key, action);
	}

	private async admitToBoth(
		request: AdmitRequest,
		own: Permit,
		parts: readonly SharedPart[],
	): Promise<Admission> {
		const { permitId, guards } = request;
		let answer: Admission;
		try {
			answer = await this.shared.admit({ ...request, guards: parts.map(({ guard }) => guard) });
		} catch (error) {
			this.own.refund(own);
			throw error;
		}
		if (answer.status === 'queued') this.queued.add(permitId);
		else this.queued.delete(permitId);
		if (answer.status === 'granted')
			return { status: 'granted', permit: merged(guards, own, answer.permit) };
		this.own.refund(own);
		const { by } = answer;
		const part = parts.find(({ guard }) => guard === by);
		return { ...answer, by: part ? guards[part.index]! : by };
	}

	/** Not only a rejection of its own makes a request lose its place in a queue. */
	private withdrawn(request: AdmitRequest, answer: Admission): Awaitable<Admission> {
		if (!this.queued.has(request.permitId)) return answer;
		const done = this.withdraw(request);
		return done instanceof Promise ? done.then(() => answer) : answer;
	}

	/** The guards that are shared, and the votes on breakers that this worker has closed: those of others are its own affair. */
	private sharedParts(guards: readonly Guard[], own: Permit): SharedPart[] {
		const parts: SharedPart[] = [];
		for (const [index, guard] of guards.entries()) {
			if (!isOwnGuard(guard)) parts.push({ guard, index });
			else if (isVotedOn(guard.policy) && !(own.leased && this.isHalfOpen(guard)))
				parts.push({ guard: this.ballot.guardOf(guard), index });
		}
		return parts;
	}

	private isHalfOpen({ policy: { kind, name }, key }: OwnGuard): boolean {
		return this.own.inspect({ kind, name, key })?.state === 'half-open';
	}

	/** Settles what is shared of a permit, with what became of this worker's votes. */
	private settleShared(
		permit: Permit,
		own: readonly OwnGuard[],
		outcome: Outcome,
		holding: Holding,
	): Awaitable<Holding> {
		const shared = partOf(permit, isSharedGuard);
		const [guards, tokens] = [[...shared.guards], [...shared.tokens]];
		const votes: OwnGuard[] = [];
		for (const guard of own) {
			if (!isVotedOn(guard.policy)) continue;
			const { policy, key } = guard;
			const seen = this.own.inspect({ kind: policy.kind, name: policy.name, key });
			const token = this.ballot.tokenAfter(guard, seen);
			if (token === 0) continue;
			guards.push(this.ballot.guardOf(guard));
			tokens.push(token);
			votes.push(guard);
		}
		if (guards.length === 0) return holding;
		const settled = this.shared.settle({ ...shared, guards, tokens }, outcome);
		if (!(settled instanceof Promise)) return both(holding, settled);
		return settled.then(
			(late) => both(holding, late),
			(error) => {
				for (const guard of votes) this.ballot.forget(guard);
				throw error;
			},
		);
	}
}

const isSharedGuard = (guard: Guard): boolean => !isOwnGuard(guard);

const sharedPartOf = (request: AdmitRequest): AdmitRequest =>
	request.guards.some(isOwnGuard)
		? { ...request, guards: request.guards.filter(isSharedGuard) }
		: request;

/** A permit under some of its guards. */
function partOf(permit: Permit, isPart: (guard: Guard) => boolean): Permit {
	const { guards, tokens } = permit;
	return {
		...permit,
		guards: guards.filter(isPart),
		tokens: tokens.filter((_token, index) => isPart(guards[index]!)),
	};
}

/** One permit for all guards of a call, of two that answered for some each. */
function merged(guards: readonly Guard[], own: Permit, shared: Permit): Permit {
	const tokenOf = (permit: Permit, guard: Guard): number | undefined =>
		permit.tokens[permit.guards.indexOf(guard)];
	return {
		...shared,
		guards,
		tokens: guards.map((guard) => tokenOf(own, guard) ?? tokenOf(shared, guard) ?? 0),
		leased: own.leased || shared.leased,
	};
}

function both(one: Holding, other: Awaitable<Holding>): Awaitable<Holding> {
	if (other instanceof Promise) return other.then((late) => (one === 'held' ? late : one));
	return one === 'held' ? other : one;
}
