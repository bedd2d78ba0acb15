import { join, relative, resolve } from 'node:path';

import {
	checkPort,
	claimRun,
	endRun,
	getN8n,
	N8N_PORT,
	noteRun,
	type Progress,
	reset,
	runSession,
	type Session,
	StateFolder,
	untilAsked,
} from '../cli/index.ts';
import { importWorkflows, readWorkflowFiles, startFlakyApi } from '../demo/index.ts';
import { startMcpServer } from '../mcp/index.ts';
import { packPackage, Problem } from '../n8n/index.ts';
import type { MemberChange } from './member.ts';
import { mcpSettings } from './mcp-settings.ts';
import { userFolderOf } from './n8n-member.ts';
import { HELP, readOptions } from './options.ts';
import { deletePostgresFolder } from './postgres-folder.ts';
import { findServerPrograms } from './server-programs.ts';
import { showMembers, tellChange } from './show-members.ts';
import { STACK_FOLDER } from './stack-folder.ts';
import type { Stack } from './stack.ts';
import { startStack } from './start-stack.ts';
import { whatToTry } from './what-to-try.ts';

/** Taken for webhooks where it is free, so that their addresses stay the same. */
const WEBHOOK_PORT = 5680;

await runSession(run);

async function run({ progress, signal, onRunning }: Session): Promise<number> {
	const options = readOptions(process.argv.slice(2));
	if (options.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const programs = await findServerPrograms(process.env);
	const projectRoot = resolve(import.meta.dirname, '..', '..');
	const state = new StateFolder(projectRoot, process.env, STACK_FOLDER);
	await claimRun(state);
	onRunning(async () => await endRun(state));
	if (options.reset) {
		await reset(state, options.yes, signal, async () => await deletePostgresFolder(state));
		await claimRun(state);
	}
	await checkPort(options.port);
	const n8n = await getN8n(projectRoot, progress, signal);
	const tarball = await progress.during('Bulwark', async (onProgress) => {
		return await packPackage(projectRoot, { onProgress, signal });
	});
	const flakyApi = options.flakyApi ? await startFlakyApi(state) : undefined;
	if (flakyApi) onRunning(flakyApi.close);

	let shown: Stack | undefined;
	const stack = await startStack({
		...{ n8n, programs, state, progress, signal, tarballs: [tarball] },
		workers: options.workers,
		concurrency: options.concurrency,
		port: options.port ?? N8N_PORT,
		webhookPort: WEBHOOK_PORT,
		whenDead: options.restart ? 'restart' : 'report',
		onChange: (change) => shown && show(change, shown, progress),
	});
	onRunning(async () => await stack.stop());
	await noteRun(state, stack.client.url);
	const { client, redisCredential: redis } = stack;
	const workflows =
		flakyApi && redis ? await readWorkflowFiles(projectRoot, flakyApi.url, redis) : [];
	const report = redis ? await importWorkflows(client, state, workflows) : undefined;
	const mcpServer = await progress.during("Starting Bulwark's MCP server", async () => {
		return await startMcpServer({
			...{ state, signal, userFolder: userFolderOf(state, 'main'), settings: mcpSettings(stack) },
			n8nEnv: stack.n8nSettings,
			logFile: state.file(join('logs', 'mcp-server.log')),
			makeApiKey: stack.login && (async () => await client.createApiKey("Bulwark's MCP server")),
		});
	});
	onRunning(mcpServer.stop);
	const folder = relative(projectRoot, state.path) || state.path;
	progress.say(whatToTry({ stack, folder, flakyApiUrl: flakyApi?.url, mcpServer, report }));
	shown = stack;

	const asked = untilAsked(signal).then(() => 'asked' as const);
	const end = await Promise.race([asked, stack.broken]);
	shown = undefined;
	if (end !== 'asked') {
		throw new Problem(
			`${end.name} has ended by itself, and nothing works without it.`,
			`Its log: ${end.logFile}`,
		);
	}
	progress.say('');
	await progress.during('Stopping, the workers first', async () => await stack.stop());
	return 0;
}

function show(change: MemberChange, stack: Stack, progress: Progress): void {
	const sentence = tellChange(change);
	if (sentence === undefined) return;
	const time = new Date().toTimeString().slice(0, 8);
	progress.say(`${time}  ${sentence}\n${showMembers(stack.processes)}\n`);
}
