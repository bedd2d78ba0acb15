import { withRedisState } from '../../scripts/demo/index';
import { createFlakyApi } from '../../scripts/flaky-api/index';
import { N8nClient, publishAll } from '../../scripts/n8n/index';
import { guardedWebhook } from '../../test/support/guarded-webhook';
import type { Benchmark, Measurement } from '../benchmark';
import { calling } from '../n8n-webhooks';
import { startBenchStack } from '../real-n8n';

const WORKERS = 4;
const CONCURRENCY = 5;
const CALL_MS = 2000;
/** So often every slot of every worker is filled. */
const WAVES = 8;

/** One worker first, then the others beside it: a stack's workers can be added while it runs. */
async function scaling(): Promise<Measurement> {
	const api = await createFlakyApi({ port: 0 });
	const { stack, stop } = await startBenchStack({
		workers: 1,
		concurrency: CONCURRENCY,
		env: { N8N_EXPRESSION_ENGINE: 'legacy' },
	});
	try {
		const { client, redisCredential, webhookUrl } = stack;
		const workflow = guardedWebhook({
			path: 'scale',
			steps: [{ type: 'bulkhead', parameters: { maxConcurrentCalls: WORKERS * CONCURRENCY } }],
			url: `${api.url}/slow?ms=${CALL_MS}`,
		});
		const guarded = withRedisState(workflow, redisCredential!);
		await publishAll(client, [await client.createWorkflow(guarded)]);
		const webhooks = new N8nClient(webhookUrl);
		const speed = async (workers: number) => {
			const slots = workers * CONCURRENCY;
			// More callers than slots, so that no worker ever waits for one.
			const call = calling(webhooks, 'scale', 2 * slots);
			await call(slots);
			const startedAt = performance.now();
			await call(WAVES * slots);
			return (1000 * WAVES * slots) / (performance.now() - startedAt);
		};
		const one = await speed(1);
		while (stack.workers.length < WORKERS) await stack.addWorker();
		const all = await speed(WORKERS);
		return {
			figure: all / one,
			ours: all,
			other: one,
			note: `${WAVES} waves; ideal ${CONCURRENCY / (CALL_MS / 1000)} calls/s a worker; expression engine legacy`,
		};
	} finally {
		await stop();
		await api.close();
	}
}

export const queueScale: Benchmark = {
	id: 'queue-scale',
	title: `An API that takes 2 s, called behind a Bulkhead step with its state in Redis: ${WORKERS} workers; one (n8n, queue mode, ${CONCURRENCY} executions a worker)`,
	unit: 'x',
	target: { atLeast: 3.6 },
	measure: scaling,
};
