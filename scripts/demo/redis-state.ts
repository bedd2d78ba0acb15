import type { CredentialReference, WorkflowJson } from '../n8n/index.ts';

const STEP = 'n8n-nodes-bulwark.';
type Node = WorkflowJson['nodes'][number];

const isStep = ({ type }: Node): boolean => type.startsWith(STEP);

/** Whether a step of the workflow needs a Redis. */
export function needsRedis({ nodes }: WorkflowJson): boolean {
	return nodes.some(
		(node) =>
			isStep(node) &&
			typeof node.parameters?.state === 'string' &&
			node.parameters.state !== 'process',
	);
}

/** The workflow with the state of all its steps in that Redis, as queue mode needs it. */
export function withRedisState<T extends WorkflowJson>(workflow: T, redis: CredentialReference): T {
	const shared = (node: Node): Node => ({
		...node,
		parameters: { ...node.parameters, state: 'redis' },
		credentials: { redis },
	});
	return { ...workflow, nodes: workflow.nodes.map((node) => (isStep(node) ? shared(node) : node)) };
}
