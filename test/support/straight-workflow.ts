import type { WorkflowJson } from '../../scripts/n8n/index.ts';

type Node = WorkflowJson['nodes'][number];

/** A node as a test sets it. */
export type Part = Pick<Node, 'name' | 'type'> & Partial<Node>;

/** Nodes one behind the other, each by the output that is named for it, or the first. */
export function straightWorkflow(
	name: string,
	...parts: Array<Part & { from?: number }>
): WorkflowJson {
	const connections: Record<string, unknown> = {};
	const nodes = parts.map(({ from = 0, ...node }, index) => {
		const before = parts[index - 1];
		if (before) {
			const wires = [{ node: node.name, type: 'main', index: 0 }];
			connections[before.name] = { main: [...Array<[]>(from).fill([]), wires] };
		}
		const position = [index * 256, 0];
		return { id: `${name}-${index}`, typeVersion: 1, position, parameters: {}, ...node };
	});
	return { name, nodes, connections, settings: { executionOrder: 'v1' } };
}
