/**
 * Maps items with at most `limit` at work at once; results stand in the order of the items.
 * @throws the first error of `work`, once the work under way has ended.
 */
export async function inParallel<Item, Result>(
	items: readonly Item[],
	limit: number,
	work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
	const results = new Array<Result>(items.length);
	const queue = items.entries();
	const worker = async () => {
		for (const [index, item] of queue) results[index] = await work(item, index);
	};
	const endings = await Promise.allSettled(
		Array.from({ length: Math.min(limit, items.length) }, worker),
	);
	const failed = endings.find((ending) => ending.status === 'rejected');
	if (failed) throw failed.reason;
	return results;
}
