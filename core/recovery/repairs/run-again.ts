import { quoted } from '../../one-line';
import type {
	ExecutedWorkflow,
	ExecutionProgress,
	WorkflowNode,
	WorkflowRecord,
} from '../../ports/stack';
import type { Reading } from '../../stack';

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
 * whose record outlives the worker. @returns undefined where neither tag nor setting says so, and a step may.
 */
export function saidByOwner(
	workflow: Reading<WorkflowRecord | undefined>,
	tag: string,
): RunAgain | undefined {
	if (!workflow.isKnown)
		return { isSafe: false, because: `its workflow cannot be read: ${workflow.why}` };
	if (!workflow.value) return { isSafe: false, because: 'its workflow is not there any more' };
	const { tags, settings } = workflow.value;
	if (tags.includes(tag)) return { isSafe: true, because: `its workflow has the tag "${tag}"` };
	if (settings[SETTING] === true)
		return { isSafe: true, because: `its workflow's setting ${SETTING} is true` };
	return undefined;
}

/**
 * The step counts where the execution comes by it, not where it was added since, nor where only another trigger leads to it.
 * @param executed undefined where the database does not have it.
 * @param progress tells the nodes with which the execution would begin again.
 */
export function saidByStep(
	executed: Reading<ExecutedWorkflow | undefined>,
	progress: ExecutionProgress | undefined,
	tag: string,
): RunAgain {
	const nothing = `nothing says that its workflow may be run twice: no tag "${tag}"`;
	const notKnown = (why: string): RunAgain => ({
		isSafe: false,
		because: `${nothing}, and whether it comes by a Run Once step is not known: ${why}`,
	});
	if (!executed.isKnown) return notKnown(`what it runs cannot be read: ${executed.why}`);
	if (!executed.value) return notKnown('what it runs is not in the database');
	if (!progress) return notKnown('its saved data cannot be read');
	if (progress.goesOnWith.length === 0)
		return notKnown('nothing that it would go on with is in the database');
	const step = reachedNodes(executed.value, progress.goesOnWith).find(isRunOnce);
	return step
		? { isSafe: true, because: `its workflow has the Run Once step ${quoted(step.name)}` }
		: { isSafe: false, because: `${nothing}, no Run Once step with its state in Redis` };
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
