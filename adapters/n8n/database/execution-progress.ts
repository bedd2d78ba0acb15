import type { ExecutionProgress } from '../../../core/ports/stack';
import { shorten } from '../../../core/shorten';
import type { Database } from './database';
import { idValue, listOf } from './execution-rows';
import { CutOffError, Flatted } from './flatted';
import { inPortions, MOST_BYTES } from './in-portions';
import { isWithinStep } from './step-under-way';

/**
 * Of each execution so much of its data is read, in characters: what is asked for lies at its beginning. Where that is
 * not enough, data beyond what is read at a time is not read.
 */
const BEGINNING = 128 * 1024;

/** In characters. */
const LONGEST_MESSAGE = 300;

/** What the saved data of these executions says. @param executionIds no more than a statement takes. */
export async function executionProgress(
	database: Database,
	executionIds: readonly string[],
): Promise<{ known: Array<[string, ExecutionProgress]>; unread: Array<[string, string]> }> {
	const rows = await database.read({
		sql: `SELECT e.id, e.status, OCTET_LENGTH(d.data) AS bytes FROM ${database.table('execution_entity')} e
			LEFT JOIN ${database.table('execution_data')} d ON d."executionId" = e.id
			WHERE e.id IN (${listOf(executionIds, idValue)}) AND ${database.isKept}`,
		values: executionIds,
	});
	const sizes = new Map(rows.map(({ id, bytes }) => [String(id), Number(bytes ?? 0)]));
	const failed = new Set(
		rows.flatMap(({ id, status }) => (status === 'error' ? [String(id)] : [])),
	);
	const known: Array<[string, ExecutionProgress]> = [];
	const unread: Array<[string, string]> = [];
	const read = async (ids: readonly string[], most: number): Promise<readonly string[]> => {
		const cut: string[] = [];
		for (const portion of inPortions(ids, (id) => Math.min(sizes.get(id)!, most))) {
			const data = await savedData(database, portion, most);
			for (const executionId of portion)
				try {
					const text = data.get(executionId);
					// n8n can keep it in files or in object storage instead.
					const said =
						text === undefined
							? NOTHING
							: progressOf(
									new Flatted(text, sizes.get(executionId)! <= most),
									failed.has(executionId),
								);
					known.push([executionId, { executionId, ...said }]);
				} catch (error) {
					if (error instanceof CutOffError) cut.push(executionId);
					else unread.push([executionId, (error as Error).message]);
				}
		}
		return cut;
	};
	const cut = await read([...sizes.keys()], BEGINNING);
	for (const id of await read(cut, MOST_BYTES)) unread.push([id, tooLarge(sizes.get(id)!)]);
	return { known, unread };
}

/** @param most characters of each. */
async function savedData(
	database: Database,
	ids: readonly string[],
	most: number,
): Promise<ReadonlyMap<string, string>> {
	const rows = await database.read({
		sql: `SELECT d."executionId" AS id, SUBSTR(d.data, 1, ${most}) AS data
			FROM ${database.table('execution_data')} d
			WHERE d."executionId" IN (${listOf(ids, idValue)}) AND d.data IS NOT NULL`,
		values: ids,
	});
	return new Map(rows.map(({ id, data }) => [String(id), String(data)]));
}

const NOTHING = {
	...{ isSaved: false, hasError: false, isComplete: false },
	...{ hasInput: false, goesOnWith: [] },
} as const;

/** @param hasFailed a step that has failed n8n puts back on the list of what is due, so that none is missing from it. */
function progressOf(data: Flatted, hasFailed: boolean): Omit<ExecutionProgress, 'executionId'> {
	const said = data.at('resultData', 'lastNodeExecuted');
	const lastNode = typeof said === 'string' ? said : undefined;
	const hasError = Boolean(data.at('resultData', 'error'));
	const message = data.at('resultData', 'error', 'message');
	const stack = ['executionData', 'nodeExecutionStack'];
	const due = sizeOf(data.at(...stack));
	const isSomethingDue = due > 0 || sizeOf(data.at('executionData', 'waitingExecution')) > 0;
	const goesOnWith = Array.from({ length: due }, (_, place) =>
		String(data.at(...stack, `${place}`, 'node', 'name')),
	);
	const isWithin = !hasFailed && isWithinStep(data, lastNode, goesOnWith);
	// A step that pauses is due again only once that is saved, too.
	const isOver = !isSomethingDue && !isWithin && !data.at('waitTill');
	return {
		lastNode,
		isSaved: true,
		hasError,
		failedBecause: typeof message === 'string' ? shorten(message, LONGEST_MESSAGE) : undefined,
		isComplete: lastNode !== undefined && !hasError && isOver,
		isWithinStep: isWithin,
		hasInput: due > 0 && !isWithin,
		goesOnWith,
		parent: parentIn(data),
	};
}

function parentIn(data: Flatted): ExecutionProgress['parent'] {
	const executionId = data.at('parentExecution', 'executionId');
	if (typeof executionId !== 'string') return undefined;
	return { executionId, isAwaiting: data.at('parentExecution', 'shouldResume') !== false };
}

const sizeOf = (value: unknown): number =>
	typeof value === 'object' && value !== null ? Object.keys(value).length : 0;

const tooLarge = (bytes: number): string =>
	`its data has ${bytes} bytes, and the first ${MOST_BYTES} do not tell; look at it in n8n's editor`;
