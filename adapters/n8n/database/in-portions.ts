/** So much of what executions left is read at a time: it takes several times as much memory. */
export const MOST_BYTES = 8 * 1024 * 1024;

/** Ids of executions, parted so that no portion has more data than is read at a time, unless it is of one. */
export function* inPortions(
	ids: readonly string[],
	bytesOf: (id: string) => number,
): Generator<readonly string[]> {
	let portion: string[] = [];
	let total = 0;
	for (const id of ids) {
		const bytes = bytesOf(id);
		if (portion.length > 0 && total + bytes > MOST_BYTES) {
			yield portion;
			[portion, total] = [[], 0];
		}
		portion.push(id);
		total += bytes;
	}
	if (portion.length > 0) yield portion;
}
