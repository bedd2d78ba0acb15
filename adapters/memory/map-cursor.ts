/** Walks a map round and round, a few entries at a time, while the map changes. */
export class MapCursor<Key, Value> {
	private entries: Iterator<[Key, Value]> | undefined;

	constructor(private readonly map: ReadonlyMap<Key, Value>) {}

	/**
	 * Visits the next `count` entries, or fewer when the end is reached; the next call starts over then.
	 * @returns how many were visited.
	 */
	visit(count: number, visitor: (key: Key, value: Value) => void): number {
		for (let visited = 0; visited < count; visited++) {
			this.entries ??= this.map.entries();
			const next = this.entries.next();
			if (next.done) {
				this.entries = undefined;
				return visited;
			}
			visitor(next.value[0], next.value[1]);
		}
		return count;
	}
}
