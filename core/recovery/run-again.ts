import { quoted } from '../one-line';
import type { ExecutedWorkflow, WorkflowNode, WorkflowRecord } from '../ports/stack';

/** Whether executions of a workflow may be run again from their start, and who says so. */
export interface RunAgain {
	readonly isSafe: boolean;
	readonly because: string;
}

/** In a workflow's settings, for whoever makes workflows by program. */
const SETTING = 'bulwarkRunAgain';

/** As users install it, and as a folder of custom nodes names it. */
const RUN_ONCE = /(^|\.)runOnce$/;

/** Where the steps' state is kept within each worker, nothing is left of it when that has died. */
const IN_PROCESS = 'process';

/**
 * Running again is safe only where whoever made the workflow has said so: by a tag, by a setting, or by a Run Once step
 * whose record outlives the worker. The step counts where the execution comes by it, not where it was added since, nor
 * where only another trigger leads to it.
 * @param goesOnWith names of the nodes with which the execution would begin again.
 */
export function mayRunAgain(
	workflow: WorkflowRecord | undefined,
	executed: ExecutedWorkflow | undefined,
	goesOnWith: readonly string[],
	tag: string,
): RunAgain {
	if (!workflow) return { isSafe: false, because: 'its workflow is not there any more' };
	if (workflow.tags.includes(tag))
		return { isSafe: true, because: `its workflow has the tag "${tag}"` };
	if (workflow.settings[SETTING] === true)
		return { isSafe: true, because: `its workflow's setting ${SETTING} is true` };
	const step = executed && reachedNodes(executed, goesOnWith).find(isRunOnce);
	if (step)
		return { isSafe: true, because: `its workflow has the Run Once step ${quoted(step.name)}` };
	return {
		isSafe: false,
		because: `nothing says that its workflow may be run twice: no tag "${tag}", no Run Once step with its state in Redis`,
	};
}

const isRunOnce = ({ type, isDisabled, parameters }: WorkflowNode): boolean =>
	RUN_ONCE.test(type) &&
	!isDisabled &&
	typeof parameters.state === 'string' &&
	parameters.state !== IN_PROCESS;

/** These nodes, and those to which wires lead from them. */
function reachedNodes(
	{ nodes, wires }: ExecutedWorkflow,
	from: readonly string[],
): readonly WorkflowNode[] {
	const next = Map.groupBy(wires, ([start]) => start);
	const reached = new Set<string>();
	const due = [...from];
	for (let name = due.pop(); name !== undefined; name = due.pop()) {
		if (reached.has(name)) continue;
		reached.add(name);
		for (const [, to] of next.get(name) ?? []) due.push(to);
	}
	return nodes.filter(({ name }) => reached.has(name));
}
