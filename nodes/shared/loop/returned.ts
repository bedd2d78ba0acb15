import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type ISourceData,
} from 'n8n-workflow';

import type { Failure } from '../../../core/failure';
import type { CallLedger } from '../ledger/call-ledger';
import type { Call } from '../ledger/ledger-data';
import type { OriginFinder } from '../lineage/origins';
import { firstInput } from '../lineage/own-items';
import { internalsOf, type Internals } from '../internals';
import { failureOfItem } from '../n8n/item-failure';
import { INPUT } from '../ports';
import type { ItemPlace } from '../step-outputs';
import type { Arrival } from '../turns/arrival';

/** An item that came back from the protected nodes, and counts. */
export interface ReturnedItem {
	readonly item: INodeExecutionData;
	readonly place: ItemPlace;
	/** Why it failed; undefined when it succeeded. */
	readonly failure: Failure | undefined;
	/** The open calls that it belongs to: several where items were merged, none where all have ended before. */
	readonly calls: readonly Call[];
	/** Place in line of the first item that it came of. */
	readonly order: number;
}

/**
 * Reads what came back on `Succeeded` and `Failed`. What an item means follows from the wire it came by, never from
 * its content; whose it is follows from its pairing.
 * @throws {NodeOperationError} when an item cannot be followed, naming the node that lost the pairing.
 */
export function readReturned(
	context: IExecuteFunctions,
	ledger: CallLedger,
	finder: OriginFinder,
	arrivals: readonly Arrival[],
): ReturnedItem[] {
	const onlyCall = singleOf(ledger.out());
	const internals = internalsOf(context);
	return arrivals.flatMap((arrival) => {
		const { input, items, source } = arrival;
		return items.flatMap((item, index): ReturnedItem[] => {
			const { places, lostAt, runError } = finder.find(source, index);
			const known = places.map(({ run, index: at }) => ledger.callThatLeft(run, at));
			// A part of an attempt that another part made fail: it comes again.
			if (known.length > 0 && known.every((id) => id === null)) return [];
			const ids = new Set(known.filter((id) => typeof id === 'string'));
			let calls = [...ids].map((id) => ledger.find(id)).filter((call) => call !== undefined);
			if (places.length === 0) {
				// While only one call is out, what comes back can only be its.
				if (!onlyCall) throw cannotFollow(context, source, lostAt, index);
				calls = [onlyCall];
				ids.add(onlyCall.id);
			}
			const failed = input === INPUT.failed || runError !== undefined;
			const failure = failed
				? failureOfItem(input === INPUT.failed ? item : undefined, runError)
				: undefined;
			const place = placeIn(internals, arrival, index);
			// What left in another execution has no place in line.
			const order = Math.min(...[...ids].map(Number), Number.MAX_SAFE_INTEGER);
			return [{ item, place, failure, calls: calls.filter(({ isOut }) => isOut), order }];
		});
	});
}

/** Where an item that came back stands among the inputs of the run that takes it in. */
export function placeIn(
	internals: Internals,
	{ input, source, isOwn }: Omit<Arrival, 'items'>,
	index: number,
): ItemPlace {
	if (isOwn) return { item: index, input };
	const place = { item: index, input: firstInput(internals) };
	return source ? { ...place, sourceOverwrite: source } : place;
}

const singleOf = <T>(list: readonly T[]): T | undefined =>
	list.length === 1 ? list[0] : undefined;

function cannotFollow(
	context: IExecuteFunctions,
	source: ISourceData | null | undefined,
	lostAt: string | undefined,
	itemIndex: number,
): NodeOperationError {
	const node = context.getNode();
	if (lostAt !== undefined) {
		return new NodeOperationError(
			node,
			`The node "${lostAt}" does not say which item its output belongs to`,
			{
				itemIndex,
				description: `"${node.name}" follows every item on its way through the protected nodes. Let "${lostAt}" set pairedItem on its output items, send it one item at a time, or guard a sub-workflow instead`,
			},
		);
	}
	return new NodeOperationError(
		node,
		`An item came back from "${source?.previousNode ?? 'somewhere'}" that never left "${node.name}"`,
		{
			itemIndex,
			description:
				'Wire only nodes that are reached from the Call output back into Succeeded and Failed',
		},
	);
}
