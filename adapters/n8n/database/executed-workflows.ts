import type { ExecutedWorkflow, ExecutedWorkflows } from '../../../core/ports/stack';
import type { Database } from './database';
import { idValue, listOf } from './execution-rows';
import { inPortions } from './in-portions';
import { workflowNodesOf } from './workflow-node';

/** As n8n stores wires: by the node and the output they come from. */
type Connections = Readonly<
	Record<
		string,
		Readonly<
			Record<string, ReadonlyArray<ReadonlyArray<{ readonly node: string } | null> | null>>
		> | null
	>
>;

/**
 * What n8n keeps of workflows beside the data of executions of them, a portion at a time.
 * @param executionIds no more than a statement takes.
 */
export async function* executedWorkflows(
	database: Database,
	executionIds: readonly string[],
): AsyncGenerator<ExecutedWorkflows> {
	const from = `FROM ${database.table('execution_data')} d WHERE d."executionId" IN`;
	const sized = await database.read({
		sql: `SELECT d."executionId" AS id, OCTET_LENGTH(CAST(d."workflowData" AS TEXT)) AS bytes
			${from} (${listOf(executionIds, idValue)})`,
		values: executionIds,
	});
	const sizes = new Map(sized.map(({ id, bytes }) => [String(id), Number(bytes)]));
	for (const portion of inPortions([...sizes.keys()], (id) => sizes.get(id)!)) {
		const known = new Map<string, ExecutedWorkflow>();
		const unread = new Map<string, string>();
		const rows = await database.read({
			sql: `SELECT d."executionId" AS id, d."workflowData" AS workflow
				${from} (${listOf(portion, idValue)})`,
			values: portion,
		});
		for (const { id, workflow } of rows)
			try {
				known.set(String(id), executedWorkflow(database.jsonOf(workflow)));
			} catch (error) {
				unread.set(String(id), (error as Error).message);
			}
		yield { known, unread };
	}
}

function executedWorkflow(workflow: unknown): ExecutedWorkflow {
	const stored = workflow as {
		readonly nodes?: unknown;
		readonly connections?: Connections;
	} | null;
	return {
		nodes: workflowNodesOf(stored?.nodes),
		wires: Object.entries(stored?.connections ?? {}).flatMap(([from, outputs]) =>
			Object.values(outputs ?? {})
				.flat(2)
				.flatMap((to) => (to ? [[from, to.node] as const] : [])),
		),
	};
}
