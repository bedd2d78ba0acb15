import type { Clock, PolicyAddress, PolicyKind, PolicySnapshot, SharedPolicies } from '../ports';
import { WatchedPolicies, type WatchedPolicy } from './watched-policies';

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
	/** Undefined where nothing is remembered. */
	readonly found: PolicySnapshot | undefined;
}

type Watched = Omit<SeenState, 'found'>;

/**
 * Looks at the states of policies with a bounded number of questions a look: each time at those that are named, and at
 * the state of each policy that all calls share; at states under keys in turns, if they are too many for one look.
 */
export class PolicyStates {
	private readonly policies: WatchedPolicies;
	/** States under keys, the next to be inspected first. */
	private readonly keyed = new Map<string, Watched>();
	/** Where the search for keys goes on: in which policy, and after which page. */
	private searched = 0;
	private after: string | undefined;

	constructor(
		private readonly shared: SharedPolicies,
		clock: Clock,
		kinds: readonly PolicyKind[],
	) {
		this.policies = new WatchedPolicies(shared.registry, clock, kinds);
	}

	/**
	 * @param also states that are looked at in any case. Of policies that nobody defines any more nothing is seen.
	 * @throws what the store does, where it cannot be asked.
	 */
	async look(also: readonly PolicyAddress[]): Promise<readonly SeenState[]> {
		const policies = await this.policies.list();
		await this.findKeys(policies);
		const due = new Map(policies.map((policy) => named({ ...policy, key: '' })));
		for (const { kind, name, key } of also) {
			const policy = policies.find(
				({ policy: known }) => known.kind === kind && known.name === name,
			);
			if (policy) due.set(...named({ ...policy, key }));
		}
		for (const [place, state] of this.nextKeyed()) due.set(place, state);
		return await inGroups([...due], async ([place, state]) => {
			const found = await this.inspect(state);
			if (!found) this.keyed.delete(place);
			return { ...state, found };
		});
	}

	private nextKeyed(): ReadonlyArray<[string, Watched]> {
		const next = [...this.keyed].slice(0, KEYED_A_LOOK);
		for (const [place, state] of next) {
			this.keyed.delete(place);
			this.keyed.set(place, state);
		}
		return next;
	}

	private async findKeys(policies: readonly WatchedPolicy[]): Promise<void> {
		let ended = 0;
		for (let page = 0; page < KEY_PAGES_A_LOOK && ended < policies.length; page++) {
			const policy = policies[this.searched % policies.length]!;
			const { keys, next } = await this.shared.keys.keysOf(policy.policy, this.after);
			for (const key of keys) if (key !== '') this.keep({ ...policy, key });
			this.after = next;
			if (next !== undefined) continue;
			this.searched++;
			ended++;
		}
	}

	private keep(state: Watched): void {
		const [place] = named(state);
		if (this.keyed.has(place)) return;
		this.keyed.set(place, state);
		if (this.keyed.size > MOST_KEYS) this.keyed.delete(this.keyed.keys().next().value!);
	}

	/** Where workers vote on a breaker, the votes are what is shared. */
	private async inspect({ policy, key }: Watched): Promise<PolicySnapshot | undefined> {
		const { store } = this.shared;
		const { kind, name } = policy;
		const state = await store.inspect({ kind, name, key });
		if (state || policy.kind !== 'circuit-breaker' || policy.options.scope !== 'quorum')
			return state;
		return await store.inspect({ kind: 'breaker-quorum', name, key });
	}
}

const named = (state: Watched): [place: string, state: Watched] => [
	JSON.stringify([state.policy.kind, state.policy.name, state.key]),
	state,
];

async function inGroups<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> {
	const answers: R[] = [];
	for (let first = 0; first < all.length; first += AT_ONCE)
		answers.push(...(await Promise.all(all.slice(first, first + AT_ONCE).map(ask))));
	return answers;
}
