import type { N8nClient } from '../../scripts/n8n/index.ts';

/** Gives a workflow a tag that no workflow has yet. */
export async function tagWorkflow(
	{ connection }: N8nClient,
	workflowId: string,
	name: string,
): Promise<void> {
	const tag = await connection.rest<{ id: string }>('POST', '/tags', { name });
	await connection.rest('PATCH', `/workflows/${workflowId}`, { tags: [tag.id] });
}
