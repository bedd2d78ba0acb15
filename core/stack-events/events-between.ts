import { IN_ORDER, type Look, type Sighting, type Subject, type SubjectKind } from './look';
import { EVENT_TYPES, type StackEvent } from './stack-event';

/** Something that was out of order when it was last seen. Plain data: it may be stored and come back. */
export interface Trouble extends Subject {
	readonly condition: string;
	/** Since when, ms since the epoch. */
	readonly since: number;
}

/**
 * What has changed since the looks before, of which only what was out of order needs to be remembered: whatever is not
 * remembered was in order. The same look twice gives no event the second time.
 */
export function eventsBetween(
	before: readonly Trouble[],
	look: Look,
): { readonly events: readonly StackEvent[]; readonly troubles: readonly Trouble[] } {
	const known = new Map(before.map((trouble) => [placeOf(trouble), trouble]));
	const seen = new Map(look.sightings.map((sighting) => [placeOf(sighting), sighting]));
	for (const [place, trouble] of known)
		if (!seen.has(place) && look.whole.includes(trouble.kind)) seen.set(place, inOrder(trouble));
	const events: StackEvent[] = [];
	for (const [place, sighting] of seen) {
		const last = known.get(place);
		if (sighting.condition === (last?.condition ?? IN_ORDER[sighting.kind])) continue;
		events.push(eventOf(last, sighting, look.at));
		if (isInOrder(sighting)) known.delete(place);
		else known.set(place, troubleOf(sighting, look.at));
	}
	return { events, troubles: [...known.values()] };
}

function eventOf(last: Trouble | undefined, sighting: Sighting, at: number): StackEvent {
	const { kind, id, title, condition, evidence } = sighting;
	return {
		type: EVENT_TYPES[kind][isInOrder(sighting) ? 'order' : 'trouble'],
		at,
		subject: { kind, id, title },
		before: last?.condition ?? IN_ORDER[kind],
		after: condition,
		...(last && { lastedMs: Math.max(0, at - last.since) }),
		evidence,
	};
}

const troubleOf = ({ kind, id, title, condition }: Sighting, since: number): Trouble => ({
	kind,
	id,
	title,
	condition,
	since,
});

/** For all that is known; it may as well be gone. */
const inOrder = ({ kind, id, title }: Trouble): Sighting => ({
	kind,
	id,
	title,
	condition: IN_ORDER[kind],
	evidence: { isSeen: false },
});

const isInOrder = ({ kind, condition }: { kind: SubjectKind; condition: string }): boolean =>
	condition === IN_ORDER[kind];

const placeOf = ({ kind, id }: Subject): string => `${kind} ${id}`;
