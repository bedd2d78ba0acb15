import type { Clock } from '../ports';

/** What was seen longer ago, in ms, is not told any more. Ten looks of those every 5 s take a minute. */
const TOLD_FOR_MS = 2 * 60_000;

/** What was seen of many things, each of which has its turn to be looked at. */
export class SeenLately<Seen> {
	/** By place; those that were looked at longest ago first. */
	private readonly seen = new Map<string, { readonly at: number; readonly seen: Seen }>();

	constructor(private readonly clock: Clock) {}

	/** Forgets all that is not at one of these places. */
	keepOnly(places: ReadonlySet<string>): void {
		for (const place of this.seen.keys()) if (!places.has(place)) this.seen.delete(place);
	}

	/** Whose turn it is: first what was never looked at, then what was longest ago. */
	next(places: ReadonlySet<string>, most: number): ReadonlySet<string> {
		const never = [...places].filter((place) => !this.seen.has(place));
		const known = [...this.seen.keys()].filter((place) => places.has(place));
		return new Set([...never, ...known].slice(0, most));
	}

	note(place: string, seen: Seen): void {
		this.seen.delete(place);
		this.seen.set(place, { at: this.clock.now(), seen });
	}

	/** @returns undefined where it was not looked at for too long. */
	find(place: string): { readonly seen: Seen } | undefined {
		const last = this.seen.get(place);
		return last && Math.abs(this.clock.now() - last.at) < TOLD_FOR_MS ? last : undefined;
	}
}
