/** Some of a list, and after what the rest of it goes on. */
interface Page<T> {
	readonly items: readonly T[];
	/** Undefined on the last page. */
	readonly next: string | undefined;
}

/** The first `limit` of a list that is asked for page by page. @param most a page holds at most so many */
export async function inPages<T>(
	limit: number,
	most: number,
	signal: AbortSignal,
	ask: (limit: number, after: string | undefined) => Promise<Page<T>>,
): Promise<T[]> {
	const found: T[] = [];
	let after: string | undefined;
	do {
		signal.throwIfAborted();
		const page = await ask(Math.min(most, limit - found.length), after);
		found.push(...page.items.slice(0, limit - found.length));
		after = page.next;
	} while (after !== undefined && found.length < limit);
	return found;
}
