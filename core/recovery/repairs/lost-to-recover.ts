import { planRepairs, type RepairChoices } from './plan-repairs';
import type { RepairCrewParts } from './repair-crew';

/** A plan that nobody can read is none. */
export const MOST_AT_ONCE = 500;

/** Those that are lost longest, of which is found out what can be done about them. */
const MOST_LOOKED_AT = 5_000;

/** Which executions one plan takes, of all that are lost. */
export interface LostToRecover {
	readonly executionIds: readonly string[];
	readonly lostInAll: number;
}

/**
 * Ids of executions that are lost now, as many as one plan takes: the oldest of those that can be brought back, and then
 * of those that are left, which else would stand before the others for ever.
 */
export async function lostToRecover(
	parts: RepairCrewParts,
	choices: RepairChoices,
	signal: AbortSignal,
): Promise<LostToRecover> {
	const { lost } = await parts.ledger.scan(signal);
	const taken = (all: ReadonlyArray<{ readonly row: { readonly id: string } }>) => ({
		executionIds: all.slice(0, MOST_AT_ONCE).map(({ row }) => row.id),
		lostInAll: lost.length,
	});
	if (lost.length <= MOST_AT_ONCE) return taken(lost);
	const planned = await planRepairs(parts, lost.slice(0, MOST_LOOKED_AT), choices);
	signal.throwIfAborted();
	const ofAction = Map.groupBy(planned, ({ repair }) => repair.action === 'leave');
	const inOrder = [...(ofAction.get(false) ?? []), ...(ofAction.get(true) ?? [])];
	return taken(inOrder.map((one) => one.lost));
}
