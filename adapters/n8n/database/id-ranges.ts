import { idValue } from './execution-rows';
import type { Database } from './database';

/** So many rows are looked at by one statement: some ms, in which SQLite lets nothing else run here. */
const ROWS_A_STATEMENT = 5_000;

/** Ids of executions, both ends included. */
export interface IdRange {
	readonly from: number;
	/** Undefined in the last range: whatever comes after `from`. */
	readonly to: number | undefined;
}

/**
 * All executions from an id on, parted so that no statement looks at more than some thousands of them, however many
 * there are and whatever is missing in between.
 */
export async function* idRanges(database: Database, first: number): AsyncGenerator<IdRange> {
	const table = database.table('execution_entity');
	let from: number | undefined = first;
	while (from !== undefined) {
		const [row] = await database.read({
			sql: `SELECT id FROM ${table} WHERE id >= ${idValue} ORDER BY id LIMIT 1 OFFSET ?`,
			values: [from, ROWS_A_STATEMENT - 1],
		});
		const to: number | undefined = row && Number(row.id);
		yield { from, to };
		from = to === undefined ? undefined : to + 1;
	}
}

/** A condition on the id of `e`, with its values. */
export const within = ({ from, to }: IdRange): { sql: string; values: readonly number[] } =>
	to === undefined
		? { sql: `e.id >= ${idValue}`, values: [from] }
		: { sql: `e.id BETWEEN ${idValue} AND ${idValue}`, values: [from, to] };

/** The processes of an n8n do not have the very same time. */
const CLOCK_SKEW_MS = 60_000;

/**
 * An id before which no execution was made since then, by bisection: ids count up as time goes on, and there is no
 * index on the time of making.
 */
export async function firstIdSince(database: Database, sinceMs: number): Promise<number> {
	const table = database.table('execution_entity');
	const middle = '(low + high) / 2';
	const isEarlier = `(SELECT e."createdAt" FROM ${table} e WHERE e.id >= ${middle} ORDER BY e.id LIMIT 1) < ?`;
	const since = database.timeValue(sinceMs - CLOCK_SKEW_MS);
	const [row] = await database.read({
		sql: `WITH RECURSIVE bisection(low, high) AS (
			SELECT CAST(COALESCE(MIN(id), 0) AS BIGINT), CAST(COALESCE(MAX(id), 0) AS BIGINT) + 1 FROM ${table}
			UNION ALL
			SELECT
				CASE WHEN ${isEarlier} THEN ${middle} + 1 ELSE low END,
				CASE WHEN ${isEarlier} THEN high ELSE ${middle} END
			FROM bisection WHERE low < high
		)
		SELECT MAX(low) AS first FROM bisection`,
		values: [since, since],
	});
	return Number(row?.first ?? 0);
}
