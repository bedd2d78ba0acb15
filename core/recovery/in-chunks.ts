/** Ids a question. */
const CHUNK = 1_000;

/** As many as one question takes at a time. */
export function* inChunks(ids: readonly string[]): Generator<readonly string[]> {
	for (let from = 0; from < ids.length; from += CHUNK) yield ids.slice(from, from + CHUNK);
}
