import {
	PolicyStates,
	tellState,
	titleOf,
	troubleOf,
	type SeenState,
	type UnreadState,
} from '../policy-states';
import type { Clock, PolicyAddress, PolicySnapshot, SharedPolicies } from '../ports';
import type { Trouble } from './events-between';
import { IN_ORDER, type Sighting } from './look';
import type { Sights, Watch } from './watch';

const KINDS = ['circuit-breaker', 'bulkhead'] as const;

type WatchedKind = (typeof KINDS)[number];

/** Watches breakers and bulkheads: each time what was out of order, and the others as {@link PolicyStates} does. */
export class PolicyWatch implements Watch {
	readonly source = 'policies';
	private readonly states: PolicyStates;

	constructor(shared: SharedPolicies, clock: Clock) {
		this.states = new PolicyStates(shared, clock, KINDS);
	}

	/**
	 * @param troubles what was out of order before; what is not of a policy is passed over.
	 * @throws what the store does, where it cannot be asked.
	 */
	async look(troubles: readonly Trouble[]): Promise<Sights> {
		const known = troubles.filter(({ kind }) => isWatched(kind));
		const { states, unread } = await this.states.look(known.map(addressOf));
		const seen = states.map(sightingOf);
		// What cannot be read stays as it was.
		const places = new Set([...seen, ...unread.map(subjectOf)].map(placeOf));
		const gone = known.filter((trouble) => !places.has(placeOf(trouble))).map(forgotten);
		return { sightings: [...seen, ...gone], whole: [] };
	}
}

const isWatched = (kind: string): kind is WatchedKind =>
	(KINDS as readonly string[]).includes(kind);

function addressOf({ kind, id }: Trouble): PolicyAddress {
	const [name, key] = JSON.parse(id) as [string, string];
	return { kind: kind as WatchedKind, name, key };
}

const placeOf = ({ kind, id }: Pick<Trouble, 'kind' | 'id'>): string => `${kind} ${id}`;

const subjectOf = ({ policy: { kind, name }, key }: SeenState | UnreadState) => ({
	kind: kind as WatchedKind,
	id: JSON.stringify([name, key]),
});

function sightingOf(seen: SeenState): Sighting {
	const { policy, key, found } = seen;
	const { name } = policy;
	const { kind, id } = subjectOf(seen);
	return {
		kind,
		id,
		title: titleOf(seen),
		condition: troubleOf(policy, found) ?? IN_ORDER[kind],
		evidence: { name, key, ...(found && flat(found)) },
	};
}

function flat(found: PolicySnapshot) {
	const { figures, ...told } = tellState(found);
	return { ...told, ...figures };
}

/** Nobody defines the policy any more, so nothing is kept of it. */
const forgotten = ({ kind, id, title }: Trouble): Sighting => ({
	kind,
	id,
	title,
	condition: IN_ORDER[kind],
	evidence: { isDefined: false },
});
