import { createFlakyApi, type FlakyApi } from '../../scripts/flaky-api/index.ts';
import { pollUntil } from '../../scripts/n8n/index.ts';
import { statsOf } from '../support/api-stats';
import { itemsFrom, runsOf } from '../support/execution-data';
import { guardedWebhook } from '../support/guarded-webhook';
import { startN8nInstance, type N8nInstance } from '../support/n8n-instance';

/** The shortest wait that does not stay in the process. */
const DELAY_MS = 66_000;

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

it('a long wait holds no worker, survives a killed n8n, and goes on with its attempts counted', async () => {
	const retry = { maxAttempts: 2, backoffType: 'constant', delayMs: DELAY_MS };
	const [stored] = await n8n.importWorkflows(
		guardedWebhook({
			path: 'long-wait',
			answerAtOnce: true,
			steps: [
				{
					type: 'retry',
					parameters: { ...retry, options: { jitter: 'none', maxDelayMs: DELAY_MS } },
				},
			],
			url: `=${api.url}/flaky?key={{ $json.query.key }}&fail={{ $json.query.fail }}`,
		}),
	);
	await n8n.client.callWebhook('long-wait?key=once&fail=1');
	await n8n.client.callWebhook('long-wait?key=always&fail=9');
	const waiting = await pollUntil(
		async () => {
			const executions = await n8n.client.executions(stored!.id);
			const found = executions.filter(({ status }) => status === 'waiting');
			return found.length === 2 ? found : undefined;
		},
		{ what: 'two executions to wait', timeoutMs: 30_000 },
	);

	await n8n.restart('crash');

	const ended = await Promise.all(
		waiting.map(async ({ id }) => {
			return await n8n.client.waitForExecution(id, { timeoutMs: 240_000 });
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

	for (const seen of Object.values(await statsOf(api, 'flaky'))) {
		expect(seen.calls).toBe(2);
		const apartMs = Date.parse(seen.lastAt!) - Date.parse(seen.firstAt!);
		expect(apartMs).toBeGreaterThanOrEqual(DELAY_MS);
	}
});
