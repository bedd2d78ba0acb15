import { isKeptWhole, storedKey, storedKeyToKeep } from './stored-key';

/** Values by key, in little memory however long the keys are. They can be looked through a few at a time. */
export class KeyMap<Value> {
	private readonly entries = new Map<string, Value>();
	/** Where the round is. */
	private place: Iterator<[string, Value]> | undefined;

	get size(): number {
		return this.entries.size;
	}

	get(key: string): Value | undefined {
		return this.entries.get(storedKey(key));
	}

	set(key: string, value: Value): void {
		this.entries.set(storedKeyToKeep(key), value);
	}

	delete(key: string): void {
		this.entries.delete(storedKey(key));
	}

	/** Without those of which only a digest is kept. */
	*keys(): Iterable<string> {
		for (const key of this.entries.keys()) if (isKeptWhole(key)) yield key;
	}

	values(): Iterable<Value> {
		return this.entries.values();
	}

	/** The value of the next entry, round and round; undefined at the end of each round. The map may change meanwhile. */
	next(): Value | undefined {
		return this.nextEntry()?.[1];
	}

	/**
	 * Looks at the next `count` entries, or fewer when the end is reached. Those whose values are done with leave.
	 * @returns how many it looked at.
	 */
	sweep(count: number, isDone: (value: Value) => boolean): number {
		for (let looked = 0; looked < count; looked++) {
			const entry = this.nextEntry();
			if (entry === undefined) return looked;
			if (isDone(entry[1])) this.entries.delete(entry[0]);
		}
		return count;
	}

	private nextEntry(): [string, Value] | undefined {
		this.place ??= this.entries.entries();
		const next = this.place.next();
		if (!next.done) return next.value;
		this.place = undefined;
		return undefined;
	}
}
