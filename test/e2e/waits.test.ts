import { pollUntil } from '../../scripts/n8n/index.ts';
import { statsOf } from '../support/api-stats';
import { itemsFrom, runsOf } from '../support/execution-data';
import { guardedWebhook } from '../support/guarded-webhook';
import { straightWorkflow } from '../support/straight-workflow';
import { useN8n } from '../support/use-n8n';

/** The shortest wait that does not stay in the process. */
const DELAY_MS = 66_000;

const started = useN8n();

/** What the documentation of the retry says to put into "Stop and Error". */
const ERROR_OBJECT =
	'={{ JSON.stringify({ message: "busy", statusCode: $json.statusCode, headers: $json.headers }) }}';

it('a retry waits as long as the service told the guarded sub-workflow', async () => {
	const [child] = await started.n8n.importWorkflows(
		straightWorkflow(
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
					url: `${started.api.url}/status/429?retryAfterMs=2000&key=told`,
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
	await started.n8n.importWorkflows(
		straightWorkflow(
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

	const response = await started.n8n.client.callWebhook('told');
	expect(await response.json()).toMatchObject({
		error: { message: 'busy', statusCode: 429, attempts: 2 },
	});
	const { told } = await statsOf(started.api, 'status');
	expect(told).toMatchObject({ calls: 2, statuses: { 429: 2 } });
	const apartMs = Date.parse(told!.lastAt!) - Date.parse(told!.firstAt!);
	expect(apartMs).toBeGreaterThanOrEqual(2000);
});

it('a long wait holds no worker, survives a killed n8n, and goes on with its attempts counted', async () => {
	const retry = { maxAttempts: 2, backoffType: 'constant', delayMs: DELAY_MS };
	const [stored] = await started.n8n.importWorkflows(
		guardedWebhook({
			path: 'long-wait',
			answerAtOnce: true,
			steps: [
				{
					type: 'retry',
					parameters: { ...retry, options: { jitter: 'none', maxDelayMs: DELAY_MS } },
				},
			],
			url: `=${started.api.url}/flaky?key={{ $json.query.key }}&fail={{ $json.query.fail }}`,
		}),
	);
	await started.n8n.client.callWebhook('long-wait?key=once&fail=1');
	await started.n8n.client.callWebhook('long-wait?key=always&fail=9');
	const waiting = await pollUntil(
		async () => {
			const executions = await started.n8n.client.executions(stored!.id);
			const found = executions.filter(({ status }) => status === 'waiting');
			return found.length === 2 ? found : undefined;
		},
		{ what: 'two executions to wait', timeoutMs: 30_000 },
	);

	await started.n8n.restart('crash');

	const ended = await Promise.all(
		waiting.map(async ({ id }) => {
			return await started.n8n.client.waitForExecution(id, { timeoutMs: 240_000 });
		}),
	);
	expect(ended.map(({ status }) => status)).toEqual(['success', 'success']);
	const succeeded = ended.find((execution) => runsOf(execution, 'Success') > 0)!;
	const failed = ended.find((execution) => runsOf(execution, 'Failed') > 0)!;
	expect(itemsFrom(succeeded, 'Success')).toMatchObject([{ ok: true, key: 'once', call: 2 }]);
	// Had the first attempt been forgotten, it would wait once more.
	expect(itemsFrom(failed, 'Failed')).toMatchObject([
		{ query: { key: 'always' }, error: { attempts: 2, gaveUp: 'max-attempts', statusCode: 503 } },
	]);

	for (const seen of Object.values(await statsOf(started.api, 'flaky'))) {
		expect(seen.calls).toBe(2);
		const apartMs = Date.parse(seen.lastAt!) - Date.parse(seen.firstAt!);
		expect(apartMs).toBeGreaterThanOrEqual(DELAY_MS);
	}
});
