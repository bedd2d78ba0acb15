import type { ExecutionPage, ExecutionRow, ExecutionStatus } from '../../../core/ports/stack';
import { timeOf } from '../time-of';
import type { Database, Row } from './database';

const TEXTS = ['id', 'workflowId', 'status', 'mode', 'retryOf', 'retrySuccessId'];
const TIMES = ['createdAt', 'startedAt', 'stoppedAt', 'waitTill'];

/** What is selected of an execution, from a table that the statement calls `e`. */
export const executionColumns = (database: Database): string =>
	[
		...TEXTS.map((name) => `e."${name}"`),
		...TIMES.map((name) => `${database.millis(`e."${name}"`)} AS "${name}"`),
	].join(', ');

/** n8n counts executions up; a statement must compare ids as numbers. */
export const idValue = 'CAST(? AS BIGINT)';

/** What can be the id of an execution; anything else is nobody's. */
export const isExecutionId = (id: string): boolean => /^\d{1,15}$/.test(id);

export const executionRowOf = (row: Row): ExecutionRow => ({
	id: String(row.id),
	workflowId: String(row.workflowId),
	status: row.status as ExecutionStatus,
	mode: String(row.mode),
	createdAt: timeOf(row.createdAt) ?? 0,
	startedAt: timeOf(row.startedAt),
	stoppedAt: timeOf(row.stoppedAt),
	waitTill: timeOf(row.waitTill),
	retryOf: textOf(row.retryOf),
	retrySuccessId: textOf(row.retrySuccessId),
});

/** @param cursorOf says where the next page begins: after this row. */
export function pageOf(
	rows: readonly ExecutionRow[],
	limit: number,
	cursorOf: (last: ExecutionRow) => string,
): ExecutionPage {
	const last = rows.at(-1);
	return { rows, next: last && rows.length === limit ? cursorOf(last) : undefined };
}

/** As many `?` as there are values. */
export const listOf = (values: readonly unknown[], value = '?'): string =>
	values.map(() => value).join(', ');

const textOf = (column: unknown): string | undefined =>
	column === null || column === undefined ? undefined : String(column);
