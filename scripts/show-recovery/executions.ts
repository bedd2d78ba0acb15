import { N8nClient, pollUntil } from '../n8n/index.ts';
import type { Stack } from '../stack/index.ts';
import type { CountingService } from './counting-service.ts';

/** Executions of the first may be run again, as its tag says; those of the second not. */
const WORKFLOWS = ['invoices', 'newsletters'] as const;

const TAG = 'bulwark:run-again';

/** Publishes two workflows that call the service. */
export async function publishWorkflows(
	{ client }: Stack,
	service: Pick<CountingService, 'url'>,
): Promise<void> {
	for (const name of WORKFLOWS) {
		const stored = await client.createWorkflow(workflowOf(name, service.url));
		await client.publish(stored);
		if (name !== 'invoices') continue;
		const { connection } = client;
		const tag = await connection.rest<{ id: string }>('POST', '/tags', { name: TAG });
		await connection.rest('PATCH', `/workflows/${stored.id}`, { tags: [tag.id] });
	}
}

/** Begins so many executions of each; resolves when all of them have called the service. */
export async function beginExecutions(
	{ webhookUrl }: Stack,
	{ calls }: CountingService,
	ofEach: number,
): Promise<void> {
	const webhooks = new N8nClient(webhookUrl);
	for (const name of WORKFLOWS)
		for (let count = 0; count < ofEach; count++) await webhooks.callWebhook(name);
	const wanted = WORKFLOWS.length * ofEach;
	await pollUntil(() => Promise.resolve(calls.size === wanted ? true : undefined), {
		what: `${wanted} executions under way`,
		timeoutMs: 60_000,
	});
}

const workflowOf = (name: string, url: string) => ({
	name,
	settings: { executionOrder: 'v1' },
	connections: { Webhook: { main: [[{ node: 'Work', type: 'main', index: 0 }]] } },
	nodes: [
		{
			id: 'webhook',
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: name,
			position: [0, 0],
			parameters: { path: name, responseMode: 'onReceived', options: {} },
		},
		{
			id: 'work',
			name: 'Work',
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			position: [256, 0],
			parameters: { url: `=${url}/work?execution={{ $execution.id }}`, options: {} },
		},
	],
});
