import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

import { answersJson } from './answers-json.ts';
import type { N8nCommand } from './n8n-command.ts';
import { MAIN, type N8nRole } from './n8n-role.ts';
import { n8nEnvironment, type N8nPlace } from './n8n-settings.ts';
import { pollUntil } from './poll-until.ts';
import { Problem } from './problem.ts';
import { type Exit, exitOf, killGroup, stopProcess } from './stop-process.ts';

/** n8n itself gives running executions 20 s; a little more, then it is ended. */
const STOP_GRACE_MS = 30_000;

export interface LaunchOptions extends N8nPlace {
	n8n: N8nCommand;
	/** What it is for. Default: all of it in one process. */
	role?: N8nRole;
	port: number;
	/** Takes what n8n writes; appended to. */
	logFile: string;
	/** Further settings, over those of `n8nEnvironment`. */
	env?: NodeJS.ProcessEnv;
	/** How long it may take until it is ready. Default 180 s. */
	timeoutMs?: number;
	/** Told the process id as soon as there is one. */
	onSpawned?: (pid: number) => Promise<void>;
	signal?: AbortSignal;
}

export interface RunningN8n {
	url: string;
	pid: number;
	/** Resolves when it has ended, whoever ended it. */
	ended: Promise<Exit>;
	/** Stops it and its task runner: lets running executions end, unless that takes too long. */
	stop(graceMs?: number): Promise<void>;
	/** Ends it as a crash or a lost machine would, task runner included. */
	kill(): Promise<void>;
}

/** Starts n8n and resolves when it serves its API. Leaves nothing running when that fails. */
export async function launchN8n(options: LaunchOptions): Promise<RunningN8n> {
	const { n8n, role = MAIN, logFile, port, signal, timeoutMs = 180_000 } = options;
	signal?.throwIfAborted();
	const log = openSync(logFile, 'a');
	const child = spawn(n8n.node, [n8n.script, ...role.command], {
		cwd: options.userFolder,
		env: n8nEnvironment(options, { ...role.env(port), ...options.env }),
		detached: process.platform !== 'win32',
		stdio: ['ignore', log, log],
	});
	closeSync(log);
	const url = `http://127.0.0.1:${port}`;
	try {
		if (child.pid !== undefined) await options.onSpawned?.(child.pid);
		const isReady = async () => await answersJson(url, role.readyPaths, signal);
		await waitUntilReady(child, isReady, logFile, timeoutMs, signal);
	} catch (error) {
		await stopProcess(child, STOP_GRACE_MS);
		throw error;
	}
	return {
		url,
		pid: child.pid as number,
		ended: exitOf(child),
		stop: async (graceMs = STOP_GRACE_MS) => await stopProcess(child, graceMs),
		kill: async () => {
			killGroup(child.pid as number);
			await exitOf(child);
		},
	};
}

async function waitUntilReady(
	child: ChildProcess,
	isReady: () => Promise<boolean>,
	logFile: string,
	timeoutMs: number,
	signal: AbortSignal | undefined,
): Promise<void> {
	let failure: Error | undefined;
	child.once('error', (error) => (failure = error));
	child.once('exit', (code) => (failure ??= startProblem(code, logFile)));
	const look = async () => {
		if (failure) throw failure;
		return (await isReady()) ? true : undefined;
	};
	await pollUntil(look, { what: `n8n's start (see ${logFile})`, timeoutMs, signal });
}

function startProblem(code: number | null, logFile: string): Problem {
	const end = readFileSync(logFile, 'utf8').trim().split('\n').slice(-12).join('\n');
	const remedy = /port \d+ is already in use|EADDRINUSE/i.test(end)
		? 'Another program took the port: start again, or choose another with --port.'
		: `Its whole log is in ${logFile}.`;
	return new Problem(`n8n ended with ${code ?? 'a signal'} while starting:\n${end}`, remedy);
}
