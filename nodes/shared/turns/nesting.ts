import type { INode, Workflow } from 'n8n-workflow';

import { OUTPUT } from '../ports';

/** Whether a step stands among the nodes that another one protects. */
export function isInside(workflow: Workflow, inner: string, outer: string): boolean {
	return protectedBy(workflow, outer).has(inner) && !protectedBy(workflow, inner).has(outer);
}

/** The nodes that are reached from a step's `Call` output without passing through the step. */
export function protectedBy(workflow: Workflow, step: string): Set<string> {
	const found = new Set<string>();
	if (guardsSubWorkflow(workflow.getNode(step))) return found;
	const childrenOf = (name: string) =>
		(workflow.connectionsBySourceNode[name]?.main ?? []).flatMap((wires, output) =>
			name === step && output !== OUTPUT.call ? [] : (wires ?? []).map(({ node }) => node),
		);
	const next = childrenOf(step);
	for (const name of next) {
		if (name === step || found.has(name)) continue;
		found.add(name);
		next.push(...childrenOf(name));
	}
	return found;
}

const guardsSubWorkflow = (node: INode | null): boolean => node?.parameters.mode === 'subWorkflow';
