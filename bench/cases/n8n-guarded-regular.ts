import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createFlakyApi } from '../../scripts/flaky-api/index';
import {
	freePort,
	installPackages,
	launchN8n,
	N8nClient,
	publishAll,
} from '../../scripts/n8n/index';
import { guardedWebhook } from '../../test/support/guarded-webhook';
import { alternate } from '../alternate';
import type { Benchmark, Effort, Measurement } from '../benchmark';
import { ratio } from '../compare';
import { calling, unguarded } from '../n8n-webhooks';
import { n8nAndBulwark } from '../real-n8n';

const IN_FLIGHT = 4;

const withEngine = (id: string, engine: 'vm' | 'legacy', isTarget: boolean): Benchmark => ({
	id,
	title: `Webhook with an HTTP call behind a Circuit Breaker step; the same without (n8n, regular mode, expression engine ${engine})`,
	unit: 'x',
	target: isTarget ? { atLeast: 0.9 } : undefined,
	measure: async (effort) => await throughput(engine, effort),
});

async function throughput(engine: string, { rounds, turnMs }: Effort): Promise<Measurement> {
	const api = await createFlakyApi({ port: 0 });
	const n8n = await startN8n({ N8N_EXPRESSION_ENGINE: engine });
	try {
		const url = `${api.url}/echo`;
		const guarded = guardedWebhook({ path: 'guarded', steps: [{ type: 'circuitBreaker' }], url });
		const stored = [];
		for (const workflow of [guarded, unguarded(guarded, 'unguarded')])
			stored.push(await n8n.client.createWorkflow(workflow));
		await publishAll(n8n.client, stored);
		const sides = [
			calling(n8n.client, 'guarded', IN_FLIGHT),
			calling(n8n.client, 'unguarded', IN_FLIGHT),
		];
		// A turn of a real n8n is a hundred times as long as one of a library.
		const effort = { rounds: Math.ceil(rounds / 2), turnMs: turnMs * 100 };
		const measured = ratio(await alternate(sides, effort));
		return { ...measured, note: `${measured.note}; ${IN_FLIGHT} calls in flight` };
	} finally {
		await n8n.stop();
		await api.close();
	}
}

/** A real n8n of its own, with the package installed as users install it. */
async function startN8n(
	env: NodeJS.ProcessEnv,
): Promise<{ client: N8nClient; stop: () => Promise<void> }> {
	const { n8n, tarball } = await n8nAndBulwark();
	const userFolder = await mkdtemp(join(tmpdir(), 'bulwark-bench-'));
	await installPackages(userFolder, [tarball]);
	const running = await launchN8n({
		n8n,
		userFolder,
		port: await freePort(),
		brokerPort: await freePort(),
		logFile: join(userFolder, 'n8n.log'),
		env,
	});
	const client = new N8nClient(running.url);
	await client.setupOwner({ email: 'owner@bulwark.local', password: 'Only-for-benchmarks-1' });
	const stop = async () => {
		await running.stop();
		await rm(userFolder, { recursive: true, force: true, maxRetries: 3 });
	};
	return { client, stop };
}

export const n8nGuardedRegular = withEngine('n8n-guarded-regular', 'vm', true);

export const n8nGuardedRegularLegacy = withEngine('n8n-guarded-regular-legacy', 'legacy', false);
