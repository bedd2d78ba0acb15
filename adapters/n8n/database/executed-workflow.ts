import type { ExecutedWorkflow } from '../../../core/ports/stack';
import type { Database, Row } from './database';
import { idValue, isExecutionId } from './execution-rows';
import { workflowNodeOf } from './workflow-node';

/** As n8n stores wires: by the node and the output they come from. */
type Connections = Readonly<
	Record<
		string,
		Readonly<Record<string, ReadonlyArray<ReadonlyArray<{ readonly node: string }> | null>>>
	>
>;

/** What n8n keeps of a workflow beside the data of an execution of it. */
export async function executedWorkflow(
	database: Database,
	executionId: string,
): Promise<ExecutedWorkflow | undefined> {
	if (!isExecutionId(executionId)) return undefined;
	const [row] = await database.read({
		sql: `SELECT d."workflowData" AS workflow FROM ${database.table('execution_data')} d
			WHERE d."executionId" = ${idValue}`,
		values: [executionId],
	});
	if (!row) return undefined;
	const stored = database.jsonOf(row.workflow) as {
		readonly nodes?: readonly Row[];
		readonly connections?: Connections;
	} | null;
	return {
		nodes: (stored?.nodes ?? []).map(workflowNodeOf),
		wires: Object.entries(stored?.connections ?? {}).flatMap(([from, outputs]) =>
			Object.values(outputs)
				.flat(2)
				.flatMap((to) => (to ? [[from, to.node] as const] : [])),
		),
	};
}
