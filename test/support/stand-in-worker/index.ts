import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(__dirname, 'program.cjs');

/** A process that Redis takes for a worker of n8n which takes no jobs. */
export interface StandInWorker {
	readonly pid: number;
	stop(): Promise<void>;
}

/** @param port of a Redis without a password. @param prefix of Bull's keys; any but `bull` makes it one of another n8n. */
export function startStandInWorker(port: number, prefix = 'bull'): StandInWorker {
	const words = ['n8n', 'worker', `${port}`, prefix];
	const child = spawn(process.execPath, ['-r', PROGRAM, '-e', '0', ...words]);
	return {
		pid: child.pid!,
		stop: async () => {
			child.kill('SIGKILL');
			await once(child, 'exit');
		},
	};
}
