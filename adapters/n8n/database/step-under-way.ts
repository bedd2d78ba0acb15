import type { Flatted } from './flatted';

const RUNS = ['resultData', 'runData'] as const;

/**
 * Whether a step was under way when this was saved, and is not due any more: n8n saves progress also when a chat model or
 * whatever else a step uses has done something, and by then it has taken the step off the list of what is due.
 * @param lastNode which node has done something last. @param due names of nodes to go on with.
 */
export function isWithinStep(
	data: Flatted,
	lastNode: string | undefined,
	due: readonly string[],
): boolean {
	return namesIn(data.at(...RUNS)).some((name) => {
		const last = `${namesIn(data.at(...RUNS, name)).length - 1}`;
		const output = data.at(...RUNS, name, last, 'data');
		// What a step uses puts out to the step, by another way than to the next node.
		if (!isObject(output) || 'main' in output) return false;
		const step = data.at(...RUNS, name, last, 'source', '0', 'previousNode');
		if (typeof step !== 'string' || due.includes(step)) return false;
		return name === lastNode || !hasPutOut(data, step);
	});
}

const hasPutOut = (data: Flatted, step: string): boolean =>
	namesIn(data.at(...RUNS, step)).some((run) => isObject(data.at(...RUNS, step, run, 'data')));

const namesIn = (value: unknown): readonly string[] => (isObject(value) ? Object.keys(value) : []);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
