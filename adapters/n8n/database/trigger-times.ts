import { timeOf } from '../time-of';
import type { Database } from './database';
import { firstIdSince, idRanges, within } from './id-ranges';

/** When triggers made executions of a workflow, ascending. */
export async function triggerTimes(
	database: Database,
	workflowId: string,
	since: number,
	limit: number,
): Promise<readonly number[]> {
	const times: number[] = [];
	for await (const range of idRanges(database, await firstIdSince(database, since))) {
		const { sql, values } = within(range);
		const rows = await database.read({
			sql: `SELECT ${database.millis('e."createdAt"')} AS "createdAt" FROM ${database.table('execution_entity')} e
				WHERE ${sql} AND e."workflowId" = ? AND e.mode = 'trigger' AND e."createdAt" >= ? AND ${database.isKept}
				ORDER BY e.id LIMIT ?`,
			values: [...values, workflowId, database.timeValue(since), limit - times.length],
		});
		times.push(...rows.flatMap(({ createdAt }) => timeOf(createdAt) ?? []));
		if (times.length === limit) break;
	}
	return times.sort((one, other) => one - other);
}
