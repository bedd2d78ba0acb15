import type { N8nClient, WorkflowJson } from '../scripts/n8n/index';
import type { Side } from './alternate';

/** The workflow of `guardedWebhook` with the protected call alone: webhook, request, answer. */
export function unguarded(guarded: WorkflowJson, path: string): WorkflowJson {
	const nodes: WorkflowJson['nodes'] = guarded.nodes
		.filter(({ name }) => ['Webhook', 'Request', 'Success'].includes(name))
		.map((node) => ({ ...node, id: `${path}-${node.name}` }));
	const webhook = nodes.find(({ name }) => name === 'Webhook')!;
	webhook.webhookId = path;
	webhook.parameters = { ...webhook.parameters, path };
	const to = (node: string) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	return {
		name: path,
		nodes,
		connections: { Webhook: to('Request'), Request: to('Success') },
		settings: guarded.settings,
	};
}

/** Calls a webhook, so many times at once; each call must succeed. */
export function calling(client: N8nClient, path: string, inFlight: number): Side {
	const call = async () => {
		const response = await client.callWebhook(path);
		await response.arrayBuffer();
		if (response.status !== 200) throw new Error(`${path} answered ${response.status}.`);
	};
	return async (calls) => {
		let left = calls;
		const one = async () => {
			while (left-- > 0) await call();
		};
		await Promise.all(Array.from({ length: inFlight }, one));
	};
}
