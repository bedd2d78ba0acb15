import { withRedisState } from '../../scripts/demo/index';
import { createFlakyApi } from '../../scripts/flaky-api/index';
import { N8nClient, publishAll } from '../../scripts/n8n/index';
import { guardedWebhook } from '../../test/support/guarded-webhook';
import { alternate } from '../alternate';
import type { Benchmark, Effort, Measurement } from '../benchmark';
import { ratio } from '../compare';
import { calling, unguarded } from '../n8n-webhooks';
import { startBenchStack } from '../real-n8n';

const WORKERS = 2;
const IN_FLIGHT = 8;

const withEngine = (id: string, engine: 'vm' | 'legacy', isTarget: boolean): Benchmark => ({
	id,
	title: `Webhook with an HTTP call behind a Circuit Breaker step with its state in Redis; the same without (n8n, queue mode, ${WORKERS} workers, expression engine ${engine})`,
	unit: 'x',
	target: isTarget ? { atLeast: 0.85 } : undefined,
	measure: async (effort) => await throughput(engine, effort),
});

async function throughput(engine: string, { rounds, turnMs }: Effort): Promise<Measurement> {
	const api = await createFlakyApi({ port: 0 });
	const { stack, stop } = await startBenchStack({
		workers: WORKERS,
		concurrency: IN_FLIGHT,
		env: { N8N_EXPRESSION_ENGINE: engine },
	});
	try {
		const { client, redisCredential, webhookUrl } = stack;
		const url = `${api.url}/echo`;
		const guarded = withRedisState(
			guardedWebhook({ path: 'guarded', steps: [{ type: 'circuitBreaker' }], url }),
			redisCredential!,
		);
		const stored = [];
		for (const workflow of [guarded, unguarded(guarded, 'unguarded')])
			stored.push(await client.createWorkflow(workflow));
		await publishAll(client, stored);
		const webhooks = new N8nClient(webhookUrl);
		const sides = ['guarded', 'unguarded'].map((path) => calling(webhooks, path, IN_FLIGHT));
		// A turn of a real n8n is a hundred times as long as one of a library.
		const effort = { rounds: Math.ceil(rounds / 2), turnMs: turnMs * 100 };
		const measured = ratio(await alternate(sides, effort));
		return { ...measured, note: `${measured.note}; ${IN_FLIGHT} calls in flight` };
	} finally {
		await stop();
		await api.close();
	}
}

export const n8nGuardedQueue = withEngine('n8n-guarded-queue', 'vm', true);

export const n8nGuardedQueueLegacy = withEngine('n8n-guarded-queue-legacy', 'legacy', false);
