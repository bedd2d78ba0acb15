import type { PolicyAddress, PolicyKeys, PolicyKind } from '../ports';
import { placeOf } from './place-of';

/** States that are to be inspected at one look. The others have their turn later. */
const STATES_A_LOOK = 1_000;

/** Of them those that turned calls away lately. */
const LATELY_A_LOOK = 500;

/** Pages that are asked for at one look. */
const PAGES_A_LOOK = 10;

/** States that are remembered; those that have waited longest for their turn leave. */
const MOST_STATES = 20_000;

/** Finds the states that policies have under keys, with a bounded number of questions a look. */
export class KeyedStates {
	/** What has not had its turn yet. No more is searched for while there is enough of it for a look. */
	private readonly fresh = new Map<string, PolicyAddress>();
	/** What was inspected before, the next to be inspected first. */
	private readonly known = new Map<string, PolicyAddress>();
	private after: string | undefined;
	private rounds = 0;

	constructor(
		private readonly keys: PolicyKeys,
		private readonly kinds: readonly PolicyKind[],
	) {}

	/** Whether all that there was has been found and had its turn. */
	get isWhole(): boolean {
		return this.rounds > 0 && this.fresh.size === 0;
	}

	/** Goes on searching where the last search ended, to the end of the round at most. */
	async search(): Promise<void> {
		for (let page = 0; page < PAGES_A_LOOK && this.fresh.size < STATES_A_LOOK; page++) {
			const { states, next } = await this.keys.states(this.after);
			for (const state of states) this.add(state);
			this.after = next;
			if (next !== undefined) continue;
			this.rounds++;
			return;
		}
	}

	/** Whose turn it is, by place: first what turned calls away lately, then what is new. */
	async next(): Promise<ReadonlyMap<string, PolicyAddress>> {
		const turn = new Map<string, PolicyAddress>();
		const lately = await this.keys.turnedAwayLately(LATELY_A_LOOK);
		for (const state of lately) {
			const [place, address] = this.watched(state) ?? [];
			if (place !== undefined) turn.set(place, address!);
		}
		for (const [place, address] of [...this.fresh, ...this.known]) {
			if (turn.size >= STATES_A_LOOK) break;
			turn.set(place, address);
		}
		for (const [place, address] of turn) {
			this.forget(place);
			this.known.set(place, address);
		}
		while (this.known.size > MOST_STATES) this.known.delete(this.known.keys().next().value!);
		return turn;
	}

	/** Leaves out what is no more, until it is found again. */
	forget(place: string): void {
		this.fresh.delete(place);
		this.known.delete(place);
	}

	private add(state: PolicyAddress): void {
		const [place, address] = this.watched(state) ?? [];
		if (place !== undefined && !this.known.has(place)) this.fresh.set(place, address!);
	}

	/** @returns undefined of what is no state of these kinds under a key. */
	private watched({
		kind,
		name,
		key,
	}: PolicyAddress): [place: string, address: PolicyAddress] | undefined {
		// Votes are cast on a breaker.
		const address = { kind: kind === 'breaker-quorum' ? 'circuit-breaker' : kind, name, key };
		if (key === '' || !this.kinds.includes(address.kind)) return undefined;
		return [placeOf(address), address];
	}
}
