import { spawnSync, type ChildProcess } from 'node:child_process';

import { delay } from './delay.ts';

/** How a process has ended: by itself with a code, or by a signal. */
export interface Exit {
	code: number | null;
	signal: NodeJS.Signals | null;
}

/**
 * Stops a process that was started with `detached: true`, and what it started: asks it first, by
 * SIGTERM unless told otherwise, and after `graceMs` ends its whole process group. Resolves when it
 * is gone.
 */
export async function stopProcess(
	child: ChildProcess,
	graceMs: number,
	ask: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
	if (child.pid === undefined) return;
	const gone = exitOf(child);
	if (isAlive(child)) {
		child.kill(ask);
		const patience = new AbortController();
		const end = delay(graceMs, patience.signal).catch(() => undefined);
		await Promise.race([gone, end]);
		patience.abort();
	}
	// Also when it went by itself: a child of its own may have stayed.
	killGroup(child.pid);
	await gone;
}

/** Resolves when the process has ended; at once when it already has. */
export async function exitOf(child: ChildProcess): Promise<Exit> {
	if (isAlive(child)) await new Promise<void>((resolve) => child.once('exit', () => resolve()));
	return { code: child.exitCode, signal: child.signalCode };
}

/** Ends a process that leads a group, and the group, without asking. */
export function killGroup(pid: number): void {
	if (process.platform === 'win32') {
		spawnSync('taskkill', ['/pid', String(pid), '/t', '/f']);
		return;
	}
	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// Nobody is left in the group.
	}
}

function isAlive(child: ChildProcess): boolean {
	return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
