import { planRepairs, type RepairChoices } from './plan-repairs';
import type { RepairCrewParts } from './repair-crew';

/** A plan that nobody can read is none. */
export const MOST_AT_ONCE = 500;

/** Those that are lost longest, of which is found out what can be done about them. */
const MOST_LOOKED_AT = 5_000;

/**
 * Ids of executions that are lost now, as many as one plan takes: the oldest of those that can be brought back, and then
 * of those that are left, which else would stand before the others for ever.
 */
export async function lostToRecover(
	parts: RepairCrewParts,
	choices: RepairChoices,
	signal: AbortSignal,
): Promise<string[]> {
	const { lost } = await parts.ledger.scan(signal);
	const idsOf = (all: ReadonlyArray<{ readonly row: { readonly id: string } }>) =>
		all.slice(0, MOST_AT_ONCE).map(({ row }) => row.id);
	if (lost.length <= MOST_AT_ONCE) return idsOf(lost);
	const planned = await planRepairs(parts, lost.slice(0, MOST_LOOKED_AT), choices);
	signal.throwIfAborted();
	const ofAction = Map.groupBy(planned, ({ repair }) => repair.action === 'leave');
	const inOrder = [...(ofAction.get(false) ?? []), ...(ofAction.get(true) ?? [])];
	return idsOf(inOrder.map((one) => one.lost));
}
