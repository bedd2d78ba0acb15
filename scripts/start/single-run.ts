import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { isProcessAlive, killGroup, pollUntil, Problem } from '../n8n/index.ts';
import type { StateFolder } from './state-folder.ts';

interface Run {
	pid: number;
	n8nPid?: number;
	url?: string;
}

const FILE = 'run.json';

/** Makes sure that one `npm start` at a time uses the state folder, and that no n8n is left of an earlier one. */
export async function claimRun(state: StateFolder): Promise<void> {
	const earlier = await state.read<Run>(FILE);
	if (earlier && earlier.pid !== process.pid && isOurs(earlier.pid, 'start')) {
		throw new Problem(
			`Bulwark is already running here (process ${earlier.pid}).`,
			`${earlier.url ? `It is at ${earlier.url}. ` : ''}Stop it with Ctrl-C in its terminal, or \`kill ${earlier.pid}\`.`,
		);
	}
	// Its `npm start` was killed, so nobody stopped it.
	if (earlier?.n8nPid && isOurs(earlier.n8nPid, 'n8n')) await endLeftover(earlier.n8nPid);
	await state.create();
	await state.write(FILE, { pid: process.pid } satisfies Run);
}

/** Notes which n8n belongs to this run. */
export async function noteN8n(state: StateFolder, n8nPid: number, url?: string): Promise<void> {
	await state.write(FILE, { pid: process.pid, n8nPid, url } satisfies Run);
}

export async function endRun(state: StateFolder): Promise<void> {
	await rm(state.file(FILE), { force: true });
}

/** Ends it and waits until its ports are free again. */
async function endLeftover(pid: number): Promise<void> {
	killGroup(pid);
	const look = () => (isProcessAlive(pid) ? undefined : true);
	await pollUntil(look, { what: `the end of the n8n left over (${pid})`, timeoutMs: 10_000 });
}

/** Whether a process lives and, where the system tells, is the kind meant: ids are used again. */
function isOurs(pid: number, kind: string): boolean {
	if (!isProcessAlive(pid)) return false;
	const commandLine = `/proc/${pid}/cmdline`;
	return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes(kind);
}
