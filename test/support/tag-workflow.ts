import type { N8nClient } from '../../scripts/n8n/index.ts';

interface Tag {
	readonly id: string;
	readonly name: string;
}

/** Gives a workflow that has no tags one; makes the tag where there is none. */
export async function tagWorkflow(
	{ connection }: N8nClient,
	workflowId: string,
	name: string,
): Promise<void> {
	const known = await connection.rest<readonly Tag[]>('GET', '/tags');
	const tag =
		known.find((one) => one.name === name) ??
		(await connection.rest<Tag>('POST', '/tags', { name }));
	await connection.rest('PATCH', `/workflows/${workflowId}`, { tags: [tag.id] });
}
