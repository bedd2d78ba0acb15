import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

import { delay } from './delay.ts';
import { isProcessAlive } from './is-process-alive.ts';

interface Holder {
	pid: number;
	host: string;
}

/**
 * Runs `work` while holding a lock file, so that two installs into one place follow one another. A
 * lock whose holder has died is taken over. The lock saves work and no more: what is installed
 * appears by a rename, which is safe without it.
 */
export async function withInstallLock<T>(
	file: string,
	onWaiting: (holderPid: number) => void,
	signal: AbortSignal | undefined,
	work: () => Promise<T>,
): Promise<T> {
	for (;;) {
		signal?.throwIfAborted();
		if (await take(file)) break;
		const holder = await readHolder(file);
		if (holder === undefined) continue;
		if (isDead(holder)) {
			await removeStale(file, holder);
			continue;
		}
		onWaiting(holder.pid);
		await delay(1000, signal);
	}
	try {
		return await work();
	} finally {
		await rm(file, { force: true });
	}
}

/** Puts the lock there unless it is there; by a link, so that nobody sees it half written. */
async function take(file: string): Promise<boolean> {
	const mine: Holder = { pid: process.pid, host: hostname() };
	// Others of this process may want it at the same time.
	const draft = `${file}.${randomUUID()}`;
	await writeFile(draft, JSON.stringify(mine));
	try {
		await link(draft, file);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		return false;
	} finally {
		await rm(draft, { force: true });
	}
}

/** Undefined when the lock has just gone. */
async function readHolder(file: string): Promise<Holder | undefined> {
	try {
		return JSON.parse(await readFile(file, 'utf8')) as Holder;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

function isDead(holder: Holder): boolean {
	return holder.host === hostname() && !isProcessAlive(holder.pid);
}

/** Moves the stale lock aside; puts it back if another process had taken it over meanwhile. */
async function removeStale(file: string, stale: Holder): Promise<void> {
	const aside = `${file}.${process.pid}.stale`;
	try {
		await rename(file, aside);
	} catch {
		return;
	}
	const moved = await readHolder(aside);
	if (moved && moved.pid !== stale.pid) await rename(aside, file);
	else await rm(aside, { force: true });
}
