import type { SharedPolicies } from '../policy-control';
import { kindInWords } from '../policy-registry';
import type { Clock, PolicySnapshot } from '../ports';
import type { Trouble } from './events-between';
import { IN_ORDER, type Sighting } from './look';
import type { Sights, Watch } from './watch';
import { WatchedPolicies, type WatchedPolicy } from './watched-policies';

/** States under keys that are inspected at one look. The others have their turn later. */
const KEYED_A_LOOK = 1_000;

/** Pages of keys that are asked for at one look, over all policies. */
const KEY_PAGES_A_LOOK = 10;

/** Keys that are remembered; those found longest ago leave. */
const MOST_KEYS = 20_000;

/** Inspections that are under way at once. */
const AT_ONCE = 100;

/** One state of one policy. */
interface Watched extends WatchedPolicy {
	readonly key: string;
}

/**
 * Watches breakers and bulkheads with a bounded number of questions a look: each time what was out of order, and the
 * state of each policy that all calls share; states under keys in turns, if they are too many for one look.
 */
export class PolicyWatch implements Watch {
	readonly source = 'policies';
	private readonly policies: WatchedPolicies;
	/** States under keys, the next to be inspected first. */
	private readonly keyed = new Map<string, Watched>();
	/** Where the search for keys goes on: in which policy, and after which page. */
	private searched = 0;
	private after: string | undefined;

	constructor(
		private readonly shared: SharedPolicies,
		clock: Clock,
	) {
		this.policies = new WatchedPolicies(shared.registry, clock);
	}

	/**
	 * @param troubles what was out of order before; what is not of a policy is passed over.
	 * @throws what the store does, where it cannot be asked.
	 */
	async look(troubles: readonly Trouble[]): Promise<Sights> {
		const policies = await this.policies.list();
		await this.findKeys(policies);
		const due = new Map(policies.map((policy) => named({ ...policy, key: '' })));
		const gone: Sighting[] = [];
		for (const trouble of troubles) {
			const { kind, id } = trouble;
			if (kind !== 'circuit-breaker' && kind !== 'bulkhead') continue;
			const [name, key] = JSON.parse(id) as [string, string];
			const policy = policies.find(
				({ policy: known }) => known.kind === kind && known.name === name,
			);
			if (policy) due.set(...named({ ...policy, key }));
			else gone.push(forgotten(trouble));
		}
		for (const [place, state] of this.nextKeyed()) due.set(place, state);
		const seen = await inGroups([...due], async ([place, state]) => {
			const found = await this.inspect(state);
			if (!found) this.keyed.delete(place);
			return sightingOf(state, found);
		});
		return { sightings: [...seen, ...gone], whole: [] };
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
		const { kind, name, options } = policy;
		const state = await store.inspect({ kind, name, key });
		if (state || kind !== 'circuit-breaker' || options.scope !== 'quorum') return state;
		return await store.inspect({ kind: 'breaker-quorum', name, key });
	}
}

function sightingOf({ policy, by, key }: Watched, found: PolicySnapshot | undefined): Sighting {
	const { kind, name } = policy;
	// Where it has no shared name, it is called after its place.
	const words = `${kindInWords(kind)} ${name === by.id ? by.title : `"${name}"`}`;
	return {
		kind,
		id: JSON.stringify([name, key]),
		title: key === '' ? words : `${words} for key "${key}"`,
		condition: found ? conditionOf(policy, found) : IN_ORDER[kind],
		evidence: { name, key, ...(found && { state: found.state, ...found.figures }) },
	};
}

const conditionOf = (policy: WatchedPolicy['policy'], found: PolicySnapshot): string =>
	policy.kind === 'circuit-breaker'
		? found.state
		: isSaturated(policy, found)
			? 'saturated'
			: IN_ORDER.bulkhead;

/** All slots are held, and calls wait for one or are turned away. */
function isSaturated(
	{ options }: Extract<WatchedPolicy['policy'], { kind: 'bulkhead' }>,
	{ figures }: PolicySnapshot,
): boolean {
	const { limit = 0, holders = 0, queued = 0 } = figures;
	const nobodyWaits = options.maxQueueSize === 0 || options.maxWaitDurationMs === 0;
	return holders >= limit && (queued > 0 || nobodyWaits);
}

/** Nobody defines the policy any more, so nothing is kept of it. */
const forgotten = ({ kind, id, title }: Trouble): Sighting => ({
	kind,
	id,
	title,
	condition: IN_ORDER[kind],
	evidence: { isDefined: false },
});

const named = (state: Watched): [place: string, Watched] => [
	JSON.stringify([state.policy.kind, state.policy.name, state.key]),
	state,
];

async function inGroups<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> {
	const answers: R[] = [];
	for (let first = 0; first < all.length; first += AT_ONCE)
		answers.push(...(await Promise.all(all.slice(first, first + AT_ONCE).map(ask))));
	return answers;
}
