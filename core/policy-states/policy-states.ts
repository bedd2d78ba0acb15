import type { Clock, PolicyAddress, PolicyKind, PolicySnapshot, SharedPolicies } from '../ports';
import { SeenLately } from './seen-lately';
import { WatchedPolicies, type PolicyName, type WatchedPolicy } from './watched-policies';

/** Policies whose state for all calls is inspected at one look. The others have their turn later. */
const POLICIES_A_LOOK = 1_000;

/** States under keys that are inspected at one look. The others have their turn later. */
const KEYED_A_LOOK = 1_000;

/** Pages of keys that are asked for at one look, over all policies. */
const KEY_PAGES_A_LOOK = 10;

/** Keys that are remembered; those found longest ago leave. */
const MOST_KEYS = 20_000;

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

/** What a look shows. */
export interface PolicyLook {
	/** As they are, or were within two minutes: of policies those whose turn it was not. */
	readonly states: readonly SeenState[];
	/** Policies of which nothing is known, because their turn has not come within two minutes. */
	readonly unseen: number;
}

/**
 * Looks at the states of policies with a bounded number of questions a look: each time at those that are named; at the
 * state of each policy that all calls share, and at states under keys, in turns if they are too many for one look.
 */
export class PolicyStates {
	private readonly policies: WatchedPolicies;
	/** States that all calls share; undefined of policies that nobody defines any more. */
	private readonly lately: SeenLately<SeenState | undefined>;
	private inTurns = false;
	/** States under keys, the next to be inspected first. */
	private readonly keyed = new Map<string, PolicyAddress>();
	/** Where the search for keys goes on: in which policy, and after which page. */
	private searched = 0;
	private after: string | undefined;

	constructor(
		private readonly shared: SharedPolicies,
		private readonly clock: Clock,
		kinds: readonly PolicyKind[],
	) {
		this.policies = new WatchedPolicies(shared.registry, clock, kinds);
		this.lately = new SeenLately(clock);
	}

	/** Whether policies were too many for the last look. */
	get areInTurns(): boolean {
		return this.inTurns;
	}

	/**
	 * @param also states that are looked at in any case. Of policies that nobody defines any more nothing is seen.
	 * @throws what the store does, where it cannot be asked.
	 */
	async look(also: readonly PolicyAddress[]): Promise<PolicyLook> {
		const named = await this.policies.names();
		const all = new Map(named.map((policy) => addressed({ ...policy, key: '' })));
		const places = new Set(all.keys());
		this.lately.keepOnly(places);
		const turn = this.lately.next(places, POLICIES_A_LOOK);
		this.inTurns = turn.size < places.size;
		await this.findKeys(named);
		const due = new Map([...all].filter(([place]) => turn.has(place)));
		for (const address of also)
			if (all.has(placeOf({ ...address, key: '' }))) due.set(...addressed(address));
		for (const [place, address] of this.nextKeyed()) due.set(place, address);
		const seen = await inGroups([...due], async ([place, address]) => {
			const state = await this.stateOf(address);
			if (address.key === '') this.lately.note(place, state);
			else if (!state?.found) this.keyed.delete(place);
			return state;
		});
		const others = [...places].filter((place) => !due.has(place));
		const known = others.flatMap((place) => this.lately.find(place) ?? []);
		return {
			states: [...seen, ...known.map((one) => one.seen)].filter((state) => state !== undefined),
			unseen: others.length - known.length,
		};
	}

	private nextKeyed(): ReadonlyArray<[string, PolicyAddress]> {
		const next = [...this.keyed].slice(0, KEYED_A_LOOK);
		for (const [place, state] of next) {
			this.keyed.delete(place);
			this.keyed.set(place, state);
		}
		return next;
	}

	private async findKeys(named: readonly PolicyName[]): Promise<void> {
		let ended = 0;
		for (let page = 0; page < KEY_PAGES_A_LOOK && ended < named.length; page++) {
			const { kind, name } = named[this.searched % named.length]!;
			const known = await this.policies.find({ kind, name });
			const keys = known && (await this.shared.keys.keysOf(known.policy, this.after));
			for (const key of keys?.keys ?? []) if (key !== '') this.keep({ kind, name, key });
			this.after = keys?.next;
			if (this.after !== undefined) continue;
			this.searched++;
			ended++;
		}
	}

	private keep(address: PolicyAddress): void {
		const place = placeOf(address);
		if (this.keyed.has(place)) return;
		this.keyed.set(place, address);
		if (this.keyed.size > MOST_KEYS) this.keyed.delete(this.keyed.keys().next().value!);
	}

	/** @returns undefined where nobody defines the policy any more. */
	private async stateOf(address: PolicyAddress): Promise<SeenState | undefined> {
		const watched = await this.policies.find(address);
		if (!watched) return undefined;
		const { policy, by } = watched;
		const found = await this.inspect(policy, address);
		return { policy, by, key: address.key, seenAt: this.clock.now(), found };
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

const placeOf = ({ kind, name, key }: PolicyAddress): string => JSON.stringify([kind, name, key]);

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
