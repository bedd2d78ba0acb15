import type { ExecutionRow, ExecutionStatus } from '../../../core/ports/stack';
import type { Database, Statement } from './database';
import { executionColumns, executionRowOf, idValue, listOf } from './execution-rows';
import { idRanges, within } from './id-ranges';

/** Few executions are in one of these at a time. */
const RARE: readonly ExecutionStatus[] = [
	...(['new', 'running', 'waiting', 'crashed', 'canceled', 'unknown'] as const),
];

/** Executions with one of the statuses, after an id, by id. Fewer than `limit` only where there are no more. */
export async function executionsByStatus(
	database: Database,
	statuses: readonly ExecutionStatus[],
	limit: number,
	after: number,
): Promise<readonly ExecutionRow[]> {
	if (statuses.length === 0) return [];
	if (database.hasStatusIndex && statuses.every((status) => RARE.includes(status))) {
		const rows = await database.read(byIndex(database, statuses, limit, after));
		return rows.map(executionRowOf);
	}
	const found: ExecutionRow[] = [];
	for await (const range of idRanges(database, after + 1)) {
		const { sql, values } = within(range);
		const rows = await database.read({
			sql: `SELECT ${executionColumns(database)} FROM ${database.table('execution_entity')} e
				WHERE ${sql} AND e.status IN (${listOf(statuses)}) AND ${database.isKept}
				ORDER BY e.id LIMIT ?`,
			values: [...values, ...statuses, limit - found.length],
		});
		found.push(...rows.map(executionRowOf));
		if (found.length === limit) break;
	}
	return found;
}

/**
 * The index begins with the workflow, so each workflow is asked for: there are few, and executions are many.
 * @param only which of these executions are wanted.
 */
export const byIndex = (
	database: Database,
	statuses: readonly ExecutionStatus[],
	limit: number,
	after: number,
	only: Statement = { sql: 'TRUE', values: [] },
): Statement => ({
	sql: `SELECT e.* FROM ${database.table('workflow_entity')} w
		CROSS JOIN (VALUES ${listOf(statuses, '(?)')}) AS s(status)
		CROSS JOIN LATERAL (
			SELECT ${executionColumns(database)} FROM ${database.table('execution_entity')} e
			WHERE e."workflowId" = w.id AND e.status = s.status AND ${database.isKept} AND e.id > ${idValue}
				AND ${only.sql}
			ORDER BY e.id LIMIT ?
		) e
		ORDER BY e.id LIMIT ?`,
	values: [...statuses, after, ...only.values, limit, limit],
});

/** How many executions there are of each of the statuses. */
export async function countByStatus<Status extends ExecutionStatus>(
	database: Database,
	statuses: readonly Status[],
): Promise<Record<Status, number>> {
	const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<
		Status,
		number
	>;
	for await (const statement of countings(database, statuses))
		for (const { status, count } of await database.read(statement))
			counts[status as Status] += Number(count);
	return counts;
}

async function* countings(
	database: Database,
	statuses: readonly ExecutionStatus[],
): AsyncGenerator<Statement> {
	const table = database.table('execution_entity');
	if (database.hasStatusIndex) {
		yield {
			sql: `SELECT s.status, SUM(e.count) AS count FROM ${database.table('workflow_entity')} w
				CROSS JOIN (VALUES ${listOf(statuses, '(?)')}) AS s(status)
				CROSS JOIN LATERAL (
					SELECT COUNT(*) AS count FROM ${table} e
					WHERE e."workflowId" = w.id AND e.status = s.status AND ${database.isKept}
				) e
				GROUP BY s.status`,
			values: statuses,
		};
		return;
	}
	for await (const range of idRanges(database, 0)) {
		const { sql, values } = within(range);
		yield {
			sql: `SELECT e.status, COUNT(*) AS count FROM ${table} e
				WHERE ${sql} AND e.status IN (${listOf(statuses)}) AND ${database.isKept} GROUP BY e.status`,
			values: [...values, ...statuses],
		};
	}
}
