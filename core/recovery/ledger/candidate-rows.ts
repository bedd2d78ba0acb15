import { widthOf, type N8nClocks } from '../../clocks';
import type { ExecutionPage, ExecutionRow, ExecutionView } from '../../ports/stack';
import { inChunks } from '../in-chunks';
import type { RecoverySettings } from '../recovery-settings';

/** Rows a page. */
const PAGE = 1_000;

/** Most rows of each kind that one look takes in: the oldest ones, which newer ones so never hide. */
export const MOST_ROWS = 50_000;

/** A job is not given up before its lock has run out: what failed sooner failed by itself. In ms. */
const SOONEST_STALL_MS = 20_000;

/** Before clocks were read, n8n's may be so far ahead: what is not over yet is judged and found well. */
const NOT_KNOWN: Pick<N8nClocks, 'main' | 'any'> = {
	main: { least: 0, most: 3_600_000 },
	any: { least: 0, most: 0 },
};

/** Rows to be judged. */
export interface Candidates {
	readonly rows: readonly ExecutionRow[];
	/** Ids of those that are to be judged, where others are there only because these run within them. */
	readonly asked?: ReadonlySet<string>;
	/** False where there are more of a kind than one look takes in. */
	readonly isWhole: boolean;
}

/**
 * Rows that may be lost, the oldest of each kind first.
 * @param now by our clock. @param clocks as they were at the look before, if there was one.
 */
export async function candidateRows(
	view: ExecutionView,
	now: number,
	{ waitSlackMs, lookBackMs }: RecoverySettings,
	clocks: Pick<N8nClocks, 'main' | 'any'> = NOT_KNOWN,
): Promise<Candidates> {
	const kinds = await Promise.all([
		allPages(
			async (after) => await view.withStatus(['new', 'running'], PAGE, after),
			() => true,
		),
		allPages(
			async (after) => await view.withStatus(['waiting'], PAGE, after),
			({ waitTill }) => waitTill !== undefined && waitTill < now + clocks.main.most - waitSlackMs,
		),
		allPages(
			async (after) => await view.endedSince(now - lookBackMs, ['crashed', 'error'], PAGE, after),
			(row) => mayHaveStalled(row, widthOf(clocks.any)),
		),
	]);
	return {
		rows: kinds.flatMap(({ rows }) => rows),
		isWhole: kinds.every(({ isWhole }) => isWhole),
	};
}

/** A row that ended as one does whose job was lost: marked by n8n, not by its own nodes. */
const mayHaveStalled = (
	{ status, startedAt, stoppedAt }: ExecutionRow,
	clocksApartMs: number,
): boolean =>
	status === 'crashed' ||
	startedAt === undefined ||
	(stoppedAt ?? Infinity) - startedAt >= SOONEST_STALL_MS - clocksApartMs;

async function allPages(
	read: (after?: string) => Promise<ExecutionPage>,
	isWanted: (row: ExecutionRow) => boolean,
): Promise<Candidates> {
	const rows: ExecutionRow[] = [];
	let after: string | undefined;
	do {
		const page = await read(after);
		for (const row of page.rows) if (isWanted(row)) rows.push(row);
		after = page.next;
	} while (after !== undefined && rows.length < MOST_ROWS);
	return { rows, isWhole: after === undefined };
}

/** By id, however many they are. */
export async function findAll(
	view: Pick<ExecutionView, 'find'>,
	ids: readonly string[],
): Promise<Candidates> {
	const rows: ExecutionRow[] = [];
	for (const some of inChunks(ids)) rows.push(...(await view.find(some)));
	return { rows, isWhole: true };
}
