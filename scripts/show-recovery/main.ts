import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { getN8n, runSession, type Session, StateFolder } from '../cli/index.ts';
import { startMcpServer } from '../mcp/index.ts';
import { packPackage } from '../n8n/index.ts';
import { mcpSettings } from '../stack/mcp-settings.ts';
import { userFolderOf } from '../stack/n8n-member.ts';
import { deletePostgresFolder } from '../stack/postgres-folder.ts';
import { findServerPrograms } from '../stack/server-programs.ts';
import { STACK_FOLDER } from '../stack/stack-folder.ts';
import { startStack } from '../stack/start-stack.ts';
import { connectAssistant } from './assistant.ts';
import { auditTrail } from './audit-trail.ts';
import { startCountingService } from './counting-service.ts';
import { beginExecutions, publishWorkflows } from './executions.ts';
import { Transcript } from './transcript.ts';

/** Executions of the worker that is killed, of each of the two workflows. */
const OF_EACH = 5;

await runSession(run);

/** Lets a worker die and has an assistant bring back what it ran; says what was asked and answered. */
async function run({ progress, signal, onRunning }: Session): Promise<number> {
	const projectRoot = resolve(import.meta.dirname, '..', '..');
	const programs = await findServerPrograms(process.env);
	const n8n = await getN8n(projectRoot, progress, signal);
	const tarball = await progress.during('Bulwark', async (onProgress) => {
		return await packPackage(projectRoot, { onProgress, signal });
	});
	const root = await mkdtemp(join(tmpdir(), 'bulwark-show-'));
	const state = new StateFolder(root, {}, STACK_FOLDER);
	onRunning(async () => {
		await deletePostgresFolder(state);
		await rm(root, { recursive: true, force: true, maxRetries: 3 });
	});
	await state.create();
	const service = await startCountingService();
	onRunning(async () => await Promise.resolve(service.close()));
	const stack = await startStack({
		...{ n8n, programs, state, progress, signal, tarballs: [tarball] },
		...{ workers: 1, concurrency: 2 * OF_EACH },
	});
	onRunning(async () => await stack.stop());

	await publishWorkflows(stack, service);
	await progress.during('Two more workers', async () => {
		// The first has the executions by then.
		await beginExecutions(stack, service, OF_EACH);
		await Promise.all([stack.addWorker(), stack.addWorker()]);
	});
	const server = await progress.during("Bulwark's MCP server", async () => {
		return await startMcpServer({
			...{ state, signal, userFolder: userFolderOf(state, 'main'), settings: mcpSettings(stack) },
			n8nEnv: stack.n8nSettings,
			logFile: state.file(join('logs', 'mcp-server.log')),
		});
	});
	onRunning(server.stop);

	const transcript = new Transcript(progress);
	const assistant = await connectAssistant(server, transcript, signal);
	onRunning(async () => await assistant.close());
	await assistant.ask('list_workers');
	await stack.kill('worker-1');
	transcript.begin(`worker-1 is killed (SIGKILL); it ran ${2 * OF_EACH} executions`);
	const count = 2 * OF_EACH;
	await assistant.askUntil('find_lost_executions', (text) =>
		text.startsWith(`${count} executions`),
	);
	await assistant.ask('list_workers');
	const { planId } = await assistant.ask<{ planId: string }>('plan_recovery');
	await assistant.ask('apply_plan', { planId });
	const haveEnded = (text: string) => text.split('ended as success').length > OF_EACH;
	await assistant.askUntil('list_recoveries', haveEnded);
	const calls = [...service.calls].map(([id, number]) => `execution ${id}: ${number}`);
	transcript.say(`Calls that the service saw:\n${calls.join('\n')}`);
	transcript.say(await auditTrail(server, state.file('mcp')));
	return 0;
}
