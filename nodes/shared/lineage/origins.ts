import type { INodeExecutionData, IPairedItemData, ISourceData, ITaskData } from 'n8n-workflow';

import type { Internals } from '../internals';
import { OUTPUT } from '../ports';

/** Where an item came from, found by walking its pairing back through the protected nodes. */
interface Origins {
	/** Places in the step's own runs: (run, index) of the items that left through `Call`. */
	readonly places: ReadonlyArray<{ run: number; index: number }>;
	/** The node at which the pairing was lost, if it was. */
	readonly lostAt?: string;
	/** An error of a run on the way: n8n lets the items of a node that threw go on as if nothing had happened. */
	readonly runError?: unknown;
}

interface Place {
	readonly node: string;
	readonly run: number;
	readonly output: number;
	readonly index: number;
}

/** Visits every place on the way back from an item. Return false to not go beyond a place. */
type Visitor = (place: Place, task: ITaskData) => boolean;

/** Follows the items that arrive at one run of a step back to where they left it. */
export class OriginFinder {
	constructor(
		private readonly internals: Internals,
		private readonly stepName: string,
	) {}

	/** Where the item at a place among the step's inputs came from. */
	find(source: ISourceData | null | undefined, index: number): Origins {
		const places: Array<{ run: number; index: number }> = [];
		let runError: unknown;
		const lostAt = this.walk(source, index, ({ node, run, output, index: at }, task) => {
			if (node !== this.stepName) {
				runError ??= task.error;
				return true;
			}
			if (output === OUTPUT.call) places.push({ run, index: at });
			return false;
		});
		return { places, lostAt: places.length > 0 ? undefined : lostAt, runError };
	}

	/**
	 * Walks all ways back, each place once.
	 * @returns the first node found whose items say nothing of where they came from.
	 */
	walk(source: ISourceData | null | undefined, index: number, visit: Visitor): string | undefined {
		let lostAt: string | undefined;
		const seen = new Set<string>();
		const places: Place[] = source ? [placeIn(source, index)] : [];
		// Grows on the way.
		for (const place of places) {
			const id = `${place.run}:${place.output}:${place.index}:${place.node}`;
			if (seen.has(id)) continue;
			seen.add(id);
			const task = this.internals.runExecutionData.resultData.runData[place.node]?.[place.run];
			if (!task || !visit(place, task)) continue;

			const item = task.data?.main?.[place.output]?.[place.index];
			const pairs = pairsOf(item);
			if (pairs.length === 0 && task.source.length > 0) lostAt ??= place.node;
			for (const pair of pairs) {
				const from = pair.sourceOverwrite ?? task.source[pair.input ?? 0];
				if (from) places.push(placeIn(from, pair.item));
			}
		}
		return lostAt;
	}
}

const placeIn = (
	{ previousNode, previousNodeOutput, previousNodeRun }: ISourceData,
	index: number,
): Place => ({
	node: previousNode,
	run: previousNodeRun ?? 0,
	output: previousNodeOutput ?? 0,
	index,
});

function pairsOf(item: INodeExecutionData | null | undefined): IPairedItemData[] {
	const pairs = item?.pairedItem;
	if (pairs === undefined || pairs === null) return [];
	return (Array.isArray(pairs) ? pairs : [pairs]).map((pair) =>
		typeof pair === 'number' ? { item: pair } : pair,
	);
}
