import { join, relative } from 'node:path';
import { truncate } from 'node:fs/promises';

import {
	checkPort,
	choosePorts,
	getN8n,
	noteRun,
	noteStarted,
	type Session,
	type StateFolder,
} from '../cli/index.ts';
import { startMcpServer } from '../mcp/index.ts';
import { importWorkflows, logInAsOwner, readWorkflowFiles, startFlakyApi } from '../demo/index.ts';
import type { FlakyApi } from '../flaky-api/index.ts';
import {
	installPackages,
	launchN8n,
	N8nClient,
	n8nEnvironment,
	packPackage,
	type RunningN8n,
} from '../n8n/index.ts';
import type { StartOptions } from './options.ts';
import { whatToTry } from './what-to-try.ts';

/** By its metrics is known when n8n began, and so what it lost before. */
const ENV = { N8N_METRICS: 'true' };

export interface BringUp extends Session {
	projectRoot: string;
	state: StateFolder;
	options: StartOptions;
}

/** Brings everything up, and says what to try. */
export async function bringUp(setup: BringUp): Promise<RunningN8n> {
	const { projectRoot, state, options, progress, signal, onRunning } = setup;
	await checkPort(options.port);
	const n8n = await getN8n(projectRoot, progress, signal);
	await progress.during('Bulwark', async (onProgress) => {
		const package_ = await packPackage(projectRoot, { onProgress, signal });
		onProgress('installing it into n8n');
		await installPackages(state.path, [package_], signal);
	});

	let flakyApi: FlakyApi | undefined;
	if (options.demo) {
		flakyApi = await startFlakyApi(state);
		onRunning(flakyApi.close);
	}
	const logFile = state.file('n8n.log');
	await truncate(logFile).catch(() => undefined);
	const { port, brokerPort } = await choosePorts(options.port);
	const place = { userFolder: state.path, brokerPort };
	const running = await progress.during(`Starting n8n ${n8n.version}`, async () => {
		const onSpawned = async (pid: number) => await noteStarted(state, pid, 'n8n');
		return await launchN8n({ n8n, logFile, ...place, port, env: ENV, signal, onSpawned });
	});
	onRunning(running.stop);
	await noteRun(state, running.url);

	const client = new N8nClient(running.url);
	const login = await logInAsOwner(client, state);
	const workflows = flakyApi ? await readWorkflowFiles(projectRoot, flakyApi.url) : [];
	const report = login && flakyApi ? await importWorkflows(client, state, workflows) : undefined;
	const mcpServer = await progress.during("Starting Bulwark's MCP server", async () => {
		return await startMcpServer({
			...{ state, signal, userFolder: state.path, logFile: state.file('mcp-server.log') },
			n8nEnv: n8nEnvironment(place, ENV),
			settings: {
				n8n: { url: running.url },
				database: { type: 'sqlite', file: state.file(join('.n8n', 'database.sqlite')) },
			},
			makeApiKey: login && (async () => await client.createApiKey("Bulwark's MCP server")),
		});
	});
	onRunning(mcpServer.stop);
	progress.say(
		whatToTry({
			url: running.url,
			login,
			loginFile: relative(projectRoot, state.file('login.json')),
			flakyApiUrl: flakyApi?.url,
			mcpServer,
			workflows,
			report,
		}),
	);
	return running;
}
