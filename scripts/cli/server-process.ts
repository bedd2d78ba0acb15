import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

import { type Exit, exitOf, killGroup, pollUntil, Problem, stopProcess } from '../n8n/index.ts';

/** How long a server may take to come up, and to go when asked. */
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;

/** A process that runs, whatever it is. */
export interface RunningProcess {
	pid: number;
	/** Resolves when it has ended, whoever ended it. */
	ended: Promise<Exit>;
	/** Asks it to end, and insists when that takes too long. */
	stop(): Promise<void>;
	/** Ends it as a crash would. */
	kill(): Promise<void>;
}

export interface ServerSetup {
	name: string;
	program: string;
	args: readonly string[];
	/** Written to its standard input. */
	input?: string;
	folder: string;
	/** Settings that are meant for it. */
	env?: NodeJS.ProcessEnv;
	/** Takes what it writes; appended to. */
	logFile: string;
	/** Whom it runs as; undefined: as we do. */
	user?: { uid: number; gid: number };
	/** What asks it to end at once, with its data safe. */
	stopSignal: NodeJS.Signals;
	isReady(pid: number): Promise<boolean>;
	onSpawned(pid: number): Promise<void>;
	signal: AbortSignal;
}

/** Starts a server of the system and resolves when it is ready. Leaves nothing running when that fails. */
export async function startServer(setup: ServerSetup): Promise<RunningProcess> {
	const { name, logFile, signal, stopSignal, isReady } = setup;
	signal.throwIfAborted();
	const child = spawnServer(setup);
	const end = endOf(child);
	try {
		const pid = await end.started;
		await setup.onSpawned(pid);
		const look = async () => {
			if (end.exit) throw startProblem(name, end.exit, logFile);
			return (await isReady(pid)) ? true : undefined;
		};
		const what = `the start of ${name} (see ${logFile})`;
		await pollUntil(look, { what, timeoutMs: START_TIMEOUT_MS, everyMs: 50, signal });
		return {
			pid,
			ended: exitOf(child),
			stop: async () => await stopProcess(child, STOP_GRACE_MS, stopSignal),
			kill: async () => {
				killGroup(pid);
				await exitOf(child);
			},
		};
	} catch (error) {
		await stopProcess(child, STOP_GRACE_MS, stopSignal);
		throw error;
	}
}

function spawnServer(setup: ServerSetup): ChildProcess {
	const log = openSync(setup.logFile, 'a');
	const child = spawn(setup.program, setup.args, {
		cwd: setup.folder,
		// Of the user's settings none is meant for a server of ours.
		env: { PATH: process.env.PATH, LC_ALL: 'C', ...setup.env },
		detached: true,
		stdio: ['pipe', log, log],
		uid: setup.user?.uid,
		gid: setup.user?.gid,
	});
	closeSync(log);
	child.stdin?.on('error', () => undefined).end(setup.input ?? '');
	return child;
}

/** Its process id once it runs, and its exit once it has ended. */
function endOf(child: ChildProcess) {
	const end: { exit?: Exit; started: Promise<number> } = {
		started: new Promise((resolve, reject) => {
			child.once('spawn', () => resolve(child.pid!));
			child.once('error', reject);
		}),
	};
	child.once('exit', (code, signal) => (end.exit = { code, signal }));
	return end;
}

function startProblem(name: string, { code, signal }: Exit, logFile: string): Problem {
	const log = readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n');
	return new Problem(
		`${name} ended with ${code ?? signal} while starting:\n${log}`,
		`Its whole log is in ${logFile}. \`npm run stack -- --reset\` starts with nothing in it.`,
	);
}
