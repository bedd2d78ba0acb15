import { spawn } from 'node:child_process';

import { stopProcess } from './stop-process.ts';

/** How much of a command's output is kept, in characters. */
const KEPT_OUTPUT = 20_000;
/** How long a command may take to stop when it is asked to. */
const STOP_GRACE_MS = 5000;

export interface CommandOptions {
	cwd?: string;
	env?: NodeJS.ProcessEnv;
	/** Whom it runs as; default: as we do. */
	user?: { uid: number; gid: number };
	/** Stops the command and whatever it started. */
	signal?: AbortSignal;
}

export interface CommandResult {
	code: number | null;
	/** The end of what it wrote on both streams, in the order in which it came. */
	output: string;
	/** The end of what it wrote on its standard output alone. */
	stdout: string;
}

/** Runs a command to its end. A failure is a result, not an error; being stopped is an error. */
export async function runCommand(
	command: string,
	args: readonly string[],
	{ cwd, env = process.env, user, signal }: CommandOptions = {},
): Promise<CommandResult> {
	signal?.throwIfAborted();
	// A group of its own, so that Ctrl-C in the terminal reaches us first and all of it can be stopped.
	const child = spawn(command, args, {
		cwd,
		env,
		detached: process.platform !== 'win32',
		stdio: ['ignore', 'pipe', 'pipe'],
		uid: user?.uid,
		gid: user?.gid,
	});
	let output = '';
	let stdout = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout = (stdout + text).slice(-KEPT_OUTPUT);
		output = (output + text).slice(-KEPT_OUTPUT);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		output = (output + text).slice(-KEPT_OUTPUT);
	});
	let stopped: Promise<void> | undefined;
	const stop = () => {
		stopped = stopProcess(child, STOP_GRACE_MS);
	};
	signal?.addEventListener('abort', stop, { once: true });
	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		await stopped;
		signal?.throwIfAborted();
		return { code, output, stdout };
	} finally {
		signal?.removeEventListener('abort', stop);
	}
}
