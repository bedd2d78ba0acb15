import type { Awaitable } from '../awaitable';
import type { Outcome } from '../outcome';
import type { Guard, PolicyDefinition, PolicyKind } from '../policies/definition';
import type { OverrideAction } from '../policies/override-action';

/** Everything a store needs to judge one attempt of one call under all its policies at once. */
export interface AdmitRequest {
	/** Made by the caller and unique for ever, so that a request that is sent twice counts once. */
	readonly permitId: string;
	readonly guards: readonly Guard[];
	/** 1 for the first attempt; later ones draw on the retry budget. */
	readonly attempt: number;
	/** How long the permit is held without `extend`, in ms. A holder that dies gives it back then. */
	readonly leaseMs: number;
}

/** The right to run one attempt. Plain data: it may be stored and come back. */
export interface Permit {
	readonly id: string;
	readonly guards: readonly Guard[];
	/** Per guard: what its end must show, such as the generation that a breaker admitted it under; 0 for most. */
	readonly tokens: readonly number[];
	/** When it was granted, by the store's clock. */
	readonly admittedAt: number;
	/** The same by names of policies, where states of different names are kept by different clocks. */
	readonly admittedAtByName?: Readonly<Record<string, number>>;
	/** Whether something is held until settlement: it must be extended while the work runs. */
	readonly leased: boolean;
	/** How long the attempt may take, in ms, when a timeout policy says so. */
	readonly timeoutMs: number | undefined;
	/** The shared store could not be reached: granted without policies, or by those of this process alone. */
	readonly degraded?: 'allow' | 'local';
}

/** What a store answers to `admit`. */
export type Admission =
	| { readonly status: 'granted'; readonly permit: Permit }
	| {
			readonly status: 'rejected';
			readonly by: Guard;
			/** Milliseconds until asking again is worth it; `Infinity` when time alone does not help. */
			readonly retryAfterMs: number;
			/** Turned away because the shared store could not be reached. */
			readonly isStoreDown?: boolean;
	  }
	| {
			/** Has a place in a bulkhead's queue: ask again with the same permit id after `awaitTurn`. */
			readonly status: 'queued';
			readonly by: Guard;
			/** Requests ahead in the queue. */
			readonly ahead: number;
	  };

/**
 * `held`: the permit was valid until now. `lost`: under one of its guards its lease ran out or its generation is over,
 * which changes nothing there; the other guards are settled or extended all the same.
 */
export type Holding = 'held' | 'lost';

/** Names one state of one policy. */
export interface PolicyAddress {
	readonly kind: PolicyKind;
	readonly name: string;
	readonly key: string;
}

/** A state in words, for people and tools. */
export interface PolicySnapshot {
	readonly address: PolicyAddress;
	/** E.g. `closed`, `open`, `half-open`, `isolated`; `active` where a kind has only one. */
	readonly state: string;
	/**
	 * Of breakers that are not closed: since when they are what `state` says, ms since the epoch by this process's clock.
	 * Undefined where it was not noted.
	 */
	readonly since?: number;
	/** Kind-specific figures, e.g. `failureRate`, `holders`, `queued`, `remaining`: see core/policies/figures. */
	readonly figures: Readonly<Record<string, number>>;
}

/**
 * Where policy state lives. One `admit` and one `settle` per attempt, however many policies guard it; a rejected
 * admission consumes nothing of any policy.
 */
export interface PolicyStore {
	/**
	 * Judges all guards together and, only when all agree, takes from all. A store that answers at once, without a
	 * promise, goes by the clock of this process.
	 */
	admit(request: AdmitRequest): Awaitable<Admission>;
	/**
	 * A shortcut for a call under one guard that would take note of it only if it fails, such as a closed breaker that
	 * counts failures in a row. The call needs no permit and, if it succeeds while the answer is still the same, no
	 * settlement; else it settles a permit that it makes itself, with this token.
	 * @returns undefined when the call must be admitted.
	 */
	passToken?(guard: Guard): number | undefined;
	/**
	 * Ends a permit. A second settlement of the same permit changes nothing and is answered as the first was. A store that
	 * is asked from afar may have forgotten the first after 15 s.
	 */
	settle(permit: Permit, outcome: Outcome): Awaitable<Holding>;
	/**
	 * Ends a permit whose call was not made, as if it had never asked: gives back what it holds, and also what it took of
	 * rate limiters and retry budgets as far as that still counts. What was taken in a window that is over gives nothing
	 * back. Then the same permit id may ask again. A permit of rate limiters whose limit is not adaptive may be cut into
	 * several, of which each has a share of the weight, and these be refunded or left to lapse one by one.
	 */
	refund(permit: Permit): Awaitable<void>;
	/** Renews a permit's lease by `leaseMs` from now. */
	extend(permit: Permit, leaseMs: number): Awaitable<Holding>;
	/** Resolves when a queued request should ask again: its turn may have come, or `maxMs` passed. */
	awaitTurn(request: AdmitRequest, maxMs: number): Promise<void>;
	/** Gives up a place in a queue. */
	withdraw(request: AdmitRequest): Awaitable<void>;
	/** The state at an address, or undefined when nothing is remembered of it. */
	inspect(address: PolicyAddress): Awaitable<PolicySnapshot | undefined>;
	/** Changes a state by hand. */
	override(policy: PolicyDefinition, key: string, action: OverrideAction): Awaitable<void>;
}

/** A store that is asked from afar, so that an answer may be lost. Then the request fails after some seconds at most. */
export interface RemotePolicyStore extends PolicyStore {
	/**
	 * Takes back a request to `admit` whose answer was lost, whether it was granted, has a place in a queue, or comes only
	 * later: gives back what it took, as `refund` does. Of what was granted so long ago that the store has forgotten its
	 * answer, it gives back what is held; the rest comes back with time. The permit id is turned away from then on.
	 */
	cancel(request: AdmitRequest): Awaitable<void>;
}
