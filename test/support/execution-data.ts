import type { Execution } from '../../scripts/n8n/index.ts';

type Json = Record<string, unknown>;

/** The items that a node put out over all its runs. */
export function itemsFrom(execution: Execution, node: string, output = 0): Json[] {
	const runs = execution.data.resultData.runData[node] ?? [];
	return runs.flatMap((run) => (run.data?.main[output] ?? []).map(({ json }) => json));
}

/** How often a node ran. */
export const runsOf = (execution: Execution, node: string): number =>
	execution.data.resultData.runData[node]?.length ?? 0;
