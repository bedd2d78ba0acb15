import { createFlakyApi, type FlakyApi } from '../../scripts/flaky-api/index.ts';
import type { WorkflowJson } from '../../scripts/n8n/index.ts';
import { statsOf } from '../support/api-stats';
import { startN8nInstance, type N8nInstance } from '../support/n8n-instance';

type Node = WorkflowJson['nodes'][number];

let api: FlakyApi;
let n8n: N8nInstance;

beforeAll(async () => {
	api = await createFlakyApi({ port: 0 });
	n8n = await startN8nInstance();
});
afterAll(async () => {
	await api?.close();
	await n8n?.stop();
});

/** What the documentation of the retry says to put into "Stop and Error". */
const ERROR_OBJECT =
	'={{ JSON.stringify({ message: "busy", statusCode: $json.statusCode, headers: $json.headers }) }}';

type Part = Pick<Node, 'name' | 'type'> & Partial<Node>;

/** Nodes one behind the other, each by the output that is named for it, or the first. */
function inLine(name: string, ...parts: Array<Part & { from?: number }>): WorkflowJson {
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

it('a retry waits as long as the service told the guarded sub-workflow', async () => {
	const [child] = await n8n.importWorkflows(
		inLine(
			'child',
			{
				name: 'When called',
				type: 'n8n-nodes-base.executeWorkflowTrigger',
				typeVersion: 1.1,
				parameters: { inputSource: 'passthrough' },
			},
			{
				name: 'Request',
				type: 'n8n-nodes-base.httpRequest',
				typeVersion: 4.2,
				parameters: {
					url: `${api.url}/status/429?retryAfterMs=2000&key=told`,
					options: { response: { response: { fullResponse: true, neverError: true } } },
				},
			},
			{
				name: 'Stop',
				type: 'n8n-nodes-base.stopAndError',
				parameters: { errorType: 'errorObject', errorObject: ERROR_OBJECT },
			},
		),
	);
	await n8n.importWorkflows(
		inLine(
			'outer',
			{
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2.1,
				webhookId: 'told',
				parameters: { path: 'told', responseMode: 'lastNode', options: {} },
			},
			{
				name: 'Retry',
				type: 'n8n-nodes-bulwark.retry',
				parameters: {
					mode: 'subWorkflow',
					workflowId: { __rl: true, mode: 'id', value: child!.id },
					maxAttempts: 2,
					delayMs: 10,
				},
			},
			{ name: 'Failed', type: 'n8n-nodes-base.noOp', from: 1 },
		),
	);

	const response = await n8n.client.callWebhook('told');
	expect(await response.json()).toMatchObject({
		error: { message: 'busy', statusCode: 429, attempts: 2 },
	});
	const { told } = await statsOf(api, 'status');
	expect(told).toMatchObject({ calls: 2, statuses: { 429: 2 } });
	const apartMs = Date.parse(told!.lastAt!) - Date.parse(told!.firstAt!);
	expect(apartMs).toBeGreaterThanOrEqual(2000);
});
