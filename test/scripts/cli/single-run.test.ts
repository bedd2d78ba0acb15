import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { claimRun, endRun, noteRun, noteStarted, StateFolder } from '../../../scripts/cli/index.ts';
import { exitOf } from '../../../scripts/n8n/index.ts';

const KIND = { command: 'npm run stack', variable: 'UNSET', defaultName: '.state' };

let folder: string;
let state: StateFolder;
let children: ChildProcess[];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'bulwark-single-run-'));
	state = new StateFolder(folder, {}, KIND);
	children = [];
});
afterEach(async () => {
	for (const child of children) {
		child.kill('SIGKILL');
		await exitOf(child);
	}
	await rm(folder, { recursive: true });
});

/** A process with that in its command line. */
async function running(program: string): Promise<ChildProcess> {
	const script = "setInterval(() => {}, 1000); console.log('up')";
	const child = spawn(process.execPath, ['-e', script, program], {
		detached: true,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	children.push(child);
	await once(child.stdout, 'data');
	return child;
}

/** As if another process had claimed the folder. */
async function claimedBy(pid: number, program: string): Promise<void> {
	await state.write('run.json', { ...(await state.read<object>('run.json')), pid, program });
}

describe('claimRun', () => {
	it('refuses beside a run that is alive, and says where that is', async () => {
		await claimRun(state);
		await noteRun(state, 'http://127.0.0.1:5678');
		await claimedBy((await running('stack.mjs')).pid!, 'stack.mjs');
		await expect(claimRun(state)).rejects.toMatchObject({
			message: expect.stringContaining('already running') as string,
			remedy: expect.stringContaining('http://127.0.0.1:5678') as string,
		});
	});

	it('ends what a run has left that was killed, each as it must be', async () => {
		await claimRun(state);
		const [postgres, n8n] = [await running('postgres'), await running('n8n')];
		await noteStarted(state, postgres.pid!, 'postgres');
		await noteStarted(state, n8n.pid!, 'n8n');
		await claimedBy(n8n.pid!, 'stack.mjs');
		await claimRun(state);
		expect(await exitOf(n8n)).toEqual({ code: null, signal: 'SIGKILL' });
		expect(await exitOf(postgres)).toEqual({ code: null, signal: 'SIGQUIT' });
	});

	it('leaves a process alone whose id was used again', async () => {
		await claimRun(state);
		const other = await running('something-else');
		await noteStarted(state, other.pid!, 'redis-server');
		await claimedBy(other.pid!, 'stack.mjs');
		await claimRun(state);
		expect(other.exitCode ?? other.signalCode).toBeNull();
	});

	it('keeps all that is noted at the same time', async () => {
		await claimRun(state);
		await Promise.all([1, 2, 3, 4].map(async (pid) => await noteStarted(state, pid, 'n8n')));
		const { started } = (await state.read<{ started: Array<{ pid: number }> }>('run.json'))!;
		expect(started.map(({ pid }) => pid)).toEqual([1, 2, 3, 4]);
		await endRun(state);
		expect(await state.read('run.json')).toBeUndefined();
	});
});
