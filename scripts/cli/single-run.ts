import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { isProcessAlive, killGroup, pollUntil, Problem } from '../n8n/index.ts';
import type { StateFolder } from './state-folder.ts';

/** A process that a run has started. */
interface Started {
	pid: number;
	/** Found in its command line: process ids are used again. */
	program: string;
}

interface Run extends Started {
	url?: string;
	started: Started[];
}

const FILE = 'run.json';

/** Makes sure that one run at a time uses the state folder, and that no process is left of an earlier one. */
export async function claimRun(state: StateFolder): Promise<void> {
	const earlier = await state.read<Run>(FILE);
	if (earlier && earlier.pid !== process.pid && isOurs(earlier)) {
		throw new Problem(
			`Bulwark is already running here (process ${earlier.pid}).`,
			`${earlier.url ? `It is at ${earlier.url}. ` : ''}Stop it with Ctrl-C in its terminal, or \`kill ${earlier.pid}\`.`,
		);
	}
	// The run was killed, so nobody stopped them. What was started last needs what was started first.
	for (const started of earlier?.started?.toReversed() ?? []) {
		if (isOurs(started)) await endLeftover(started);
	}
	await state.create();
	// `npm start` runs start.mjs, and so on.
	const program = `${state.kind.command.split(' ').at(-1)}.mjs`;
	await state.write(FILE, { pid: process.pid, program, started: [] } satisfies Run);
}

/** Notes where this run is to be found. */
export async function noteRun(state: StateFolder, url: string): Promise<void> {
	await change(state, (run) => ({ ...run, url }));
}

/** Notes a process that belongs to this run. */
export async function noteStarted(state: StateFolder, pid: number, program: string): Promise<void> {
	await change(state, (run) => ({ ...run, started: [...run.started, { pid, program }] }));
}

export async function endRun(state: StateFolder): Promise<void> {
	await rm(state.file(FILE), { force: true });
}

let changing = Promise.resolve();

/** One change after the other: each writes the whole file. */
async function change(state: StateFolder, by: (run: Run) => Run): Promise<void> {
	changing = changing.then(async () => {
		const run = await state.read<Run>(FILE);
		if (run) await state.write(FILE, by(run));
	});
	await changing;
}

/** Ends it and waits until its ports are free again. */
async function endLeftover({ pid, program }: Started): Promise<void> {
	const look = () => (isProcessAlive(pid) ? undefined : true);
	const what = `the end of the ${program} left over (${pid})`;
	// Postgres on SIGQUIT ends its processes and frees its shared memory before it goes.
	if (program === 'postgres') process.kill(pid, 'SIGQUIT');
	else killGroup(pid);
	await pollUntil(look, { what, timeoutMs: 10_000 });
}

/** Whether a process lives and, where the system tells, is the kind meant: ids are used again. */
function isOurs({ pid, program }: Started): boolean {
	if (!isProcessAlive(pid)) return false;
	const commandLine = `/proc/${pid}/cmdline`;
	return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes(program);
}
