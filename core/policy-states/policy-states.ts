import { isOfOneState, type StoreError } from '../errors';
import type { Clock, PolicyAddress, PolicyKind, PolicySnapshot, SharedPolicies } from '../ports';
import { KeyedStates } from './keyed-states';
import { placeOf } from './place-of';
import { SeenLately } from './seen-lately';
import { WatchedPolicies, type WatchedPolicy } from './watched-policies';

/** Policies whose state for all calls is inspected at one look. The others have their turn later. */
const POLICIES_A_LOOK = 1_000;

/** Inspections that are under way at once. */
const AT_ONCE = 100;

/** One state of one policy, as it was seen. */
export interface SeenState extends WatchedPolicy {
	readonly key: string;
	/** When it was, ms since the epoch. */
	readonly seenAt: number;
	/** Undefined where nothing is remembered. */
	readonly found: PolicySnapshot | undefined;
}

/** A state that is there and cannot be read, as where another version or somebody else has written it. */
export interface UnreadState extends WatchedPolicy {
	readonly key: string;
	readonly error: StoreError;
}

/** What a look shows. */
export interface PolicyLook {
	/** As they are, or were within two minutes: of policies those whose turn it was not. */
	readonly states: readonly SeenState[];
	/** Those that could not be read, at this look or when their turn was. */
	readonly unread: readonly UnreadState[];
	/** Policies of which nothing is known, because their turn has not come within two minutes. */
	readonly unseen: number;
	/** Whether all states under keys that there are were found since the first look, and looked at. */
	readonly areKeysFound: boolean;
}

/**
 * Looks at the states of policies with a bounded number of questions a look: each time at those that are named; at the
 * state of each policy that all calls share, and at states under keys, in turns if they are too many for one look: first
 * at those that turned calls away lately.
 */
export class PolicyStates {
	private readonly policies: WatchedPolicies;
	/** States that all calls share; undefined of policies that nobody defines any more. */
	private readonly lately: SeenLately<SeenState | UnreadState | undefined>;
	private inTurns = false;
	private readonly keyed: KeyedStates;

	constructor(
		private readonly shared: SharedPolicies,
		private readonly clock: Clock,
		kinds: readonly PolicyKind[],
	) {
		this.policies = new WatchedPolicies(shared.registry, clock, kinds);
		this.lately = new SeenLately(clock);
		this.keyed = new KeyedStates(shared.keys, kinds);
	}

	/** Whether policies were too many for the last look. */
	get areInTurns(): boolean {
		return this.inTurns;
	}

	/**
	 * Only goes on searching for states under keys, so that the next look knows of them.
	 * @throws what the store does, where it cannot be asked.
	 */
	async search(): Promise<void> {
		await this.keyed.search();
	}

	/**
	 * @param also states that are looked at in any case. Of policies that nobody defines any more nothing is seen.
	 * @throws what the store does, where it cannot be asked.
	 */
	async look(also: readonly PolicyAddress[]): Promise<PolicyLook> {
		const named = await this.policies.names();
		const defined = new Map(named.map((policy) => addressed({ ...policy, key: '' })));
		const places = new Set(defined.keys());
		this.lately.keepOnly(places);
		const turn = this.lately.next(places, POLICIES_A_LOOK);
		this.inTurns = turn.size < places.size;
		await this.keyed.search();
		const due = new Map([...defined].filter(([place]) => turn.has(place)));
		for (const address of also)
			if (defined.has(placeOf({ ...address, key: '' }))) due.set(...addressed(address));
		for (const [place, address] of await this.keyed.next()) due.set(place, address);
		const seen = await inGroups([...due], async ([place, address]) => {
			const state = await this.stateOf(address);
			if (address.key === '') this.lately.note(place, state);
			else if (!state || (isRead(state) && !state.found)) this.keyed.forget(place);
			return state;
		});
		const others = [...places].filter((place) => !due.has(place));
		const known = others.flatMap((place) => this.lately.find(place) ?? []);
		const all = [...seen, ...known.map((one) => one.seen)].filter((state) => state !== undefined);
		return {
			states: all.filter(isRead),
			unread: all.filter(isUnread),
			unseen: others.length - known.length,
			areKeysFound: this.keyed.isWhole,
		};
	}

	/** @returns undefined where nobody defines the policy any more. */
	private async stateOf(address: PolicyAddress): Promise<SeenState | UnreadState | undefined> {
		const watched = await this.policies.find(address);
		if (!watched) return undefined;
		const { policy, by } = watched;
		const { key } = address;
		try {
			const found = await this.inspect(policy, address);
			return { policy, by, key, seenAt: this.clock.now(), found };
		} catch (error) {
			// The others can be read all the same.
			if (isOfOneState(error)) return { policy, by, key, error };
			throw error;
		}
	}

	/** Where workers vote on a breaker, the votes are what is shared. */
	private async inspect(
		policy: WatchedPolicy['policy'],
		address: PolicyAddress,
	): Promise<PolicySnapshot | undefined> {
		const { store } = this.shared;
		const state = await store.inspect(address);
		if (state || policy.kind !== 'circuit-breaker' || policy.options.scope !== 'quorum')
			return state;
		return await store.inspect({ ...address, kind: 'breaker-quorum' });
	}
}

const isUnread = (state: SeenState | UnreadState): state is UnreadState => 'error' in state;

const isRead = (state: SeenState | UnreadState): state is SeenState => !isUnread(state);

const addressed = (address: PolicyAddress): [place: string, address: PolicyAddress] => [
	placeOf(address),
	address,
];

async function inGroups<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> {
	const answers: R[] = [];
	for (let first = 0; first < all.length; first += AT_ONCE)
		answers.push(...(await Promise.all(all.slice(first, first + AT_ONCE).map(ask))));
	return answers;
}
