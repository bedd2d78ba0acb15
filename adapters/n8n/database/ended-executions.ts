import type { ExecutionPage, ExecutionStatus } from '../../../core/ports/stack';
import type { Database } from './database';
import { executionColumns, executionRowOf, idValue, listOf, pageOf } from './execution-rows';

/** Executions that ended since then, by when they ended: in the order of the index there is. */
export async function endedExecutions(
	database: Database,
	since: number,
	statuses: readonly ExecutionStatus[],
	limit: number,
	after?: string,
): Promise<ExecutionPage> {
	if (statuses.length === 0) return { rows: [], next: undefined };
	const [fromMs = since, id = 0] = after?.split('/').map(Number) ?? [];
	const from = database.timeValue(fromMs);
	const rows = await database.read({
		sql: `SELECT ${executionColumns(database)} FROM ${database.table('execution_entity')} e
			WHERE e."stoppedAt" >= ? AND (e."stoppedAt" > ? OR e.id > ${idValue})
				AND e.status IN (${listOf(statuses)}) AND ${database.isKept}
			ORDER BY e."stoppedAt", e.id LIMIT ?`,
		values: [from, from, id, ...statuses, limit],
	});
	return pageOf(rows.map(executionRowOf), limit, (last) => `${last.stoppedAt}/${last.id}`);
}
