import type { ISourceData } from 'n8n-workflow';

import type { OriginFinder } from '../lineage/origins';
import type { Internals } from '../internals';
import { OUTPUT } from '../ports';
import { ledgerDataOf, type Call } from './ledger-data';

/**
 * The earliest deadline that holds for an item: n8n's own for the execution, and those of the steps around this one
 * that the item is on its way through. `Infinity` when there is none.
 */
export function enclosingDeadline(
	{ executionData, additionalData }: Internals,
	finder: OriginFinder,
	source: ISourceData | null | undefined,
	index: number,
): number {
	let deadline = additionalData.executionTimeoutTimestamp ?? Infinity;
	if (!isAnySet(executionData)) return deadline;
	finder.walk(source, index, ({ node, run, output, index: at }) => {
		const data = output === OUTPUT.call ? ledgerDataOf(executionData, node) : undefined;
		const call = data?.calls[data.left[run]?.[at] ?? ''];
		deadline = Math.min(
			deadline,
			call?.deadlineAt ?? Infinity,
			call ? attemptDeadlineOf(call) : Infinity,
		);
		return true;
	});
	return deadline;
}

/** The last moment at which an attempt that comes back is in time: each item counts with its share of the time. */
const attemptDeadlineOf = ({ leftAt, leftWith, attemptTimeoutMs = Infinity }: Call): number =>
	leftAt + attemptTimeoutMs * leftWith;

/** Following an item costs time, so it is done only where some step has set a deadline. */
function isAnySet(executionData: Internals['executionData']): boolean {
	return Object.keys(executionData.contextData).some((key) => {
		const data = ledgerDataOf(executionData, key.replace(/^node:/, ''));
		return Object.values(data?.calls ?? {}).some(
			(call) => (call.deadlineAt ?? call.attemptTimeoutMs) !== undefined,
		);
	});
}
