import type { RepairCrewParts } from './repair-crew';

/** A plan that nobody can read is none. */
export const MOST_AT_ONCE = 500;

/** Ids of the oldest executions that are lost now. */
export async function lostToRecover(
	{ ledger }: Pick<RepairCrewParts, 'ledger'>,
	signal: AbortSignal,
): Promise<string[]> {
	const { lost } = await ledger.scan(signal);
	return lost.slice(0, MOST_AT_ONCE).map(({ row }) => row.id);
}
