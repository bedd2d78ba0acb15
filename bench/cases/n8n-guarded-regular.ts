import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createFlakyApi } from '../../scripts/flaky-api/index';
import {
	cachedN8n,
	ensureCachedN8n,
	findN8n,
	freePort,
	installPackages,
	launchN8n,
	N8nClient,
	packPackage,
	publishAll,
	type WorkflowJson,
} from '../../scripts/n8n/index';
import { guardedWebhook } from '../../test/support/guarded-webhook';
import { alternate, type Side } from '../alternate';
import type { Benchmark, Effort, Measurement } from '../benchmark';
import { ratio } from '../compare';

const ROOT = join(import.meta.dirname, '../..');
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
		const sides = [calling(n8n.client, 'guarded'), calling(n8n.client, 'unguarded')];
		// A turn of a real n8n is a hundred times as long as one of a library.
		const effort = { rounds: Math.ceil(rounds / 2), turnMs: turnMs * 100 };
		const measured = ratio(await alternate(sides, effort));
		return { ...measured, note: `${measured.note}; ${IN_FLIGHT} calls in flight` };
	} finally {
		await n8n.stop();
		await api.close();
	}
}

/** The workflow with the protected call alone: webhook, request, answer. */
function unguarded(guarded: WorkflowJson, path: string): WorkflowJson {
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

function calling(client: N8nClient, path: string): Side {
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
		await Promise.all(Array.from({ length: IN_FLIGHT }, one));
	};
}

/** A real n8n of its own, with the package installed as users install it. */
async function startN8n(
	env: NodeJS.ProcessEnv,
): Promise<{ client: N8nClient; stop: () => Promise<void> }> {
	const onProgress = (text: string) => process.stderr.write(`${text}\n`);
	const n8n =
		(await findN8n(process.env, onProgress)) ??
		(await ensureCachedN8n(cachedN8n(ROOT, process.env), { onProgress }));
	const packages = join(ROOT, 'node_modules/.cache/bulwark-package');
	const tarball = await packPackage(ROOT, packages, { onProgress });
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
