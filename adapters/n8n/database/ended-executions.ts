import type { ExecutionPage, ExecutionRow, ExecutionStatus } from '../../../core/ports/stack';
import type { Database } from './database';
import { byIndex } from './executions-by-status';
import { executionColumns, executionRowOf, idValue, listOf, pageOf } from './execution-rows';

/**
 * Executions that ended since then, by when they ended: in the order of the index there is. Before them those that were
 * made since then, of which n8n says no end: it gives none to what it finds crashed and has nothing to add to, as to a
 * retry of what had crashed already.
 */
export async function endedExecutions(
	database: Database,
	since: number,
	statuses: readonly ExecutionStatus[],
	limit: number,
	after?: string,
): Promise<ExecutionPage> {
	const [from, id] = (after ?? '/0').split('/') as [string, string];
	const endless =
		from === '' && statuses.includes('crashed')
			? await crashedWithoutEnd(database, since, limit, Number(id))
			: [];
	const left = limit - endless.length;
	const ended =
		left > 0 && statuses.length > 0
			? await endedAfter(
					database,
					statuses,
					left,
					from === '' ? [since, 0] : [Number(from), Number(id)],
				)
			: [];
	return pageOf([...endless, ...ended], limit, (last) => `${last.stoppedAt ?? ''}/${last.id}`);
}

/** By id, over the index that finds fewest. */
async function crashedWithoutEnd(
	database: Database,
	since: number,
	limit: number,
	after: number,
): Promise<readonly ExecutionRow[]> {
	const only = {
		sql: 'e."stoppedAt" IS NULL AND e."createdAt" >= ?',
		values: [database.timeValue(since)],
	};
	const rows = await database.read(
		database.hasStatusIndex
			? byIndex(database, ['crashed'], limit, after, only)
			: {
					sql: `SELECT ${executionColumns(database)} FROM ${database.table('execution_entity')} e
						WHERE ${only.sql} AND e.status = 'crashed' AND e.id > ${idValue} AND ${database.isKept}
						ORDER BY e."stoppedAt", e.id LIMIT ?`,
					values: [...only.values, after, limit],
				},
	);
	return rows.map(executionRowOf);
}

/** @param after when one ended, ms since the epoch, and its id. */
async function endedAfter(
	database: Database,
	statuses: readonly ExecutionStatus[],
	limit: number,
	[fromMs, id]: readonly [number, number],
): Promise<readonly ExecutionRow[]> {
	const from = database.timeValue(fromMs);
	const rows = await database.read({
		sql: `SELECT ${executionColumns(database)} FROM ${database.table('execution_entity')} e
			WHERE e."stoppedAt" >= ? AND (e."stoppedAt" > ? OR e.id > ${idValue})
				AND e.status IN (${listOf(statuses)}) AND ${database.isKept}
			ORDER BY e."stoppedAt", e.id LIMIT ?`,
		values: [from, from, id, ...statuses, limit],
	});
	return rows.map(executionRowOf);
}
