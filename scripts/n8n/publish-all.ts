import type { N8nClient } from './n8n-client.ts';
import type { StoredWorkflow, WorkflowJson } from './n8n-types.ts';

const WEBHOOK = 'n8n-nodes-base.webhook';
const NOT_PUBLISHED_FOR = new Set([
	'n8n-nodes-base.manualTrigger',
	'n8n-nodes-base.errorTrigger',
	'n8n-nodes-bulwark.bulwarkTrigger',
]);

/**
 * Whether publishing the workflow makes sense: n8n refuses those that only a person starts, and an alert first needs to
 * know whom to tell.
 */
export function isPublishable(workflow: WorkflowJson): boolean {
	return workflow.nodes.some(
		({ type }) => type === WEBHOOK || (type.endsWith('Trigger') && !NOT_PUBLISHED_FOR.has(type)),
	);
}

/**
 * Publishes stored workflows in whatever order n8n accepts: one that runs a sub-workflow is refused
 * until that is published.
 */
export async function publishAll(
	client: N8nClient,
	workflows: readonly StoredWorkflow[],
): Promise<StoredWorkflow[]> {
	const published: StoredWorkflow[] = [];
	let left = workflows.filter(isPublishable);
	while (left.length > 0) {
		const refused: StoredWorkflow[] = [];
		let reason: unknown;
		for (const workflow of left) {
			try {
				published.push(await client.publish(workflow));
			} catch (error) {
				refused.push(workflow);
				reason = error;
			}
		}
		if (refused.length === left.length) throw reason;
		left = refused;
	}
	return published;
}
