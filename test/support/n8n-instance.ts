import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
	freePort,
	installPackages,
	launchN8n,
	N8nClient,
	publishAll,
	type RunningN8n,
	type StoredWorkflow,
	type WorkflowJson,
} from '../../scripts/n8n/index.ts';
import { bulwarkTarball } from './bulwark-tarball';
import { realN8n } from './real-n8n';
import { expectNoSecretsOfN8n, metricsOf } from './n8n-secrets';
import { expectNoSecrets, plantedSecret } from './planted-secrets';

const LOGIN = { email: 'owner@bulwark.local', password: plantedSecret('owner') };

export interface InstanceOptions {
	/** Packages to install, as paths of tarballs. Default: Bulwark, built and packed. */
	tarballs?: string[];
	/** Further settings of n8n. */
	env?: NodeJS.ProcessEnv;
}

/** A real n8n of a test's own, in a folder of its own, with its owner logged in. */
export class N8nInstance {
	readonly client: N8nClient;

	readonly userFolder: string;

	readonly url: string;

	private running: RunningN8n;

	private readonly launch: () => Promise<RunningN8n>;

	constructor(userFolder: string, running: RunningN8n, launch: () => Promise<RunningN8n>) {
		this.userFolder = userFolder;
		this.running = running;
		this.launch = launch;
		this.url = running.url;
		this.client = new N8nClient(running.url);
	}

	get pid(): number {
		return this.running.pid;
	}

	/** Stores workflows and publishes those that something can start. */
	async importWorkflows(...workflows: WorkflowJson[]): Promise<StoredWorkflow[]> {
		const stored: StoredWorkflow[] = [];
		for (const workflow of workflows) stored.push(await this.client.createWorkflow(workflow));
		await publishAll(this.client, stored);
		return stored;
	}

	/** Stops n8n and starts it again with the same folder and ports; the login stays good. */
	async restart(how: 'graceful' | 'crash'): Promise<void> {
		await (how === 'graceful' ? this.running.stop() : this.running.kill());
		this.running = await this.launch();
	}

	/** What n8n has written so far. */
	async log(): Promise<string> {
		return await readFile(join(this.userFolder, 'n8n.log'), 'utf8');
	}

	/** Stops n8n and deletes its folder. Fails when n8n has written a planted secret anywhere. */
	async stop(): Promise<void> {
		const metrics = await metricsOf(this.url);
		await this.running.stop();
		try {
			expectNoSecrets("n8n's metrics", metrics);
			await expectNoSecretsOfN8n(this.userFolder);
		} finally {
			await rm(this.userFolder, { recursive: true, force: true, maxRetries: 3 });
		}
	}
}

/** Starts a real n8n for tests, with Bulwark installed as users install it. Stop it in `afterAll`. */
export async function startN8nInstance(options: InstanceOptions = {}): Promise<N8nInstance> {
	const n8n = await realN8n();
	const tarballs = options.tarballs ?? [await bulwarkTarball()];
	const userFolder = await mkdtemp(join(tmpdir(), 'bulwark-n8n-'));
	try {
		await installPackages(userFolder, tarballs);
		const logFile = join(userFolder, 'n8n.log');
		const ports = { port: await freePort(), brokerPort: await freePort() };
		const launch = async () =>
			await launchN8n({ n8n, userFolder, logFile, ...ports, env: options.env });
		const instance = new N8nInstance(userFolder, await launch(), launch);
		await instance.client.setupOwner(LOGIN);
		return instance;
	} catch (error) {
		await rm(userFolder, { recursive: true, force: true, maxRetries: 3 });
		throw error;
	}
}
