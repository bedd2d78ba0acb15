import type { ExecutionProgress } from '../../../core/ports/stack';
import { shorten } from '../../../core/shorten';
import { SourceUnavailableError } from '../../../core/stack';
import type { Database } from './database';
import { idValue, isExecutionId } from './execution-rows';
import { Flatted } from './flatted';

/** Data of an execution beyond this is not read: it takes several times as much memory. */
const MOST_BYTES = 8 * 1024 * 1024;

/** In characters. */
const LONGEST_MESSAGE = 300;

/** What the saved data of an execution says; undefined where there is no such execution. */
export async function executionProgress(
	database: Database,
	executionId: string,
): Promise<ExecutionProgress | undefined> {
	if (!isExecutionId(executionId)) return undefined;
	const [row] = await database.read({
		sql: `SELECT e.id, OCTET_LENGTH(d.data) AS bytes FROM ${database.table('execution_entity')} e
			LEFT JOIN ${database.table('execution_data')} d ON d."executionId" = e.id
			WHERE e.id = ${idValue} AND ${database.isKept}`,
		values: [executionId],
	});
	if (!row) return undefined;
	// n8n can keep it in files or in object storage instead.
	if (row.bytes === null) return { executionId, ...NOTHING };
	if (Number(row.bytes) > MOST_BYTES) throw tooLarge(executionId, Number(row.bytes));
	const [saved] = await database.read({
		sql: `SELECT d.data FROM ${database.table('execution_data')} d WHERE d."executionId" = ${idValue}`,
		values: [executionId],
	});
	return saved
		? { executionId, ...progressOf(new Flatted(String(saved.data))) }
		: { executionId, ...NOTHING };
}

const NOTHING = {
	...{ isSaved: false, hasError: false, isComplete: false },
	...{ hasInput: false, goesOnWith: [] },
} as const;

function progressOf(data: Flatted): Omit<ExecutionProgress, 'executionId'> {
	const lastNode = data.at('resultData', 'lastNodeExecuted');
	const hasError = Boolean(data.at('resultData', 'error'));
	const message = data.at('resultData', 'error', 'message');
	const stack = ['executionData', 'nodeExecutionStack'];
	const due = sizeOf(data.at(...stack));
	const isSomethingDue = due > 0 || sizeOf(data.at('executionData', 'waitingExecution')) > 0;
	return {
		lastNode: typeof lastNode === 'string' ? lastNode : undefined,
		isSaved: true,
		hasError,
		failedBecause: typeof message === 'string' ? shorten(message, LONGEST_MESSAGE) : undefined,
		isComplete: typeof lastNode === 'string' && !hasError && !isSomethingDue,
		hasInput: due > 0,
		goesOnWith: Array.from({ length: due }, (_, place) =>
			String(data.at(...stack, `${place}`, 'node', 'name')),
		),
	};
}

const sizeOf = (value: unknown): number =>
	typeof value === 'object' && value !== null ? Object.keys(value).length : 0;

const tooLarge = (executionId: string, bytes: number) =>
	new SourceUnavailableError(
		'database',
		`The data of execution ${executionId} has ${bytes} bytes, and no more than ${MOST_BYTES} are read`,
		"Look at it in n8n's editor",
	);
