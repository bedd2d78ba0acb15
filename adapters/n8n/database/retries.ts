import type { ExecutionRow } from '../../../core/ports/stack';
import type { Database } from './database';
import { executionColumns, executionRowOf, idValue, listOf } from './execution-rows';

/**
 * By the index of workflows and ids, as there is none of what is tried again; a retry is newer than what it tries.
 * @param after an id, of which only newer ones are wanted.
 */
export async function retriesOfSome(
	database: Database,
	executions: ReadonlyArray<Pick<ExecutionRow, 'id' | 'workflowId'>>,
	after: number,
): Promise<readonly ExecutionRow[]> {
	const ids = executions.map(({ id }) => id);
	const workflowIds = [...new Set(executions.map(({ workflowId }) => workflowId))];
	const first = Math.max(after, Math.min(...ids.map(Number)));
	const rows = await database.read({
		sql: `SELECT ${executionColumns(database)} FROM ${database.table('execution_entity')} e
			WHERE e."workflowId" IN (${listOf(workflowIds)}) AND e.id > ${idValue}
				AND e."retryOf" IN (${listOf(ids)}) AND ${database.isKept} ORDER BY e.id`,
		values: [...workflowIds, `${first}`, ...ids],
	});
	return rows.map(executionRowOf);
}
