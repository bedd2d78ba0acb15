import type { WorkflowJson } from '../../scripts/n8n/index.ts';

type Node = WorkflowJson['nodes'][number];

/** What a node takes up on the canvas, in n8n's units; y grows downwards. */
export interface Box {
	name: string;
	left: number;
	top: number;
	right: number;
	bottom: number;
}

const NODE_SIZE = 96;
/** Name and subtitle below a node. */
const LABEL_HEIGHT = 48;
/** n8n makes a node this much taller for each connector after the second. */
const HEIGHT_PER_PORT = 32;

/** A node with its label, or a sticky note. */
export function boxOf({ name, type, parameters = {}, position }: Node): Box {
	const [left, top] = position as [number, number];
	if (type.endsWith('.stickyNote')) {
		const { width, height } = parameters as { width: number; height: number };
		return { name, left, top, right: left + width, bottom: top + height };
	}
	const height = NODE_SIZE + Math.max(0, portsOf(type, parameters) - 2) * HEIGHT_PER_PORT;
	return { name, left, top, right: left + NODE_SIZE, bottom: top + height + LABEL_HEIGHT };
}

/** Those that guard nothing. */
const ONE_PORT = /\.bulwark(Operations|Trigger)$/;

export const overlap = (a: Box, b: Box): boolean =>
	a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function portsOf(type: string, { mode }: Record<string, unknown>): number {
	if (!type.startsWith('n8n-nodes-bulwark.') || ONE_PORT.test(type)) return 1;
	return mode === 'subWorkflow' ? 3 : 4;
}
