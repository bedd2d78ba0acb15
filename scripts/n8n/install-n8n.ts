import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { packageCounter } from './count-packages.ts';
import { needDiskSpace } from './disk-space.ts';
import { withInstallLock } from './install-lock.ts';
import { isProcessAlive } from './is-process-alive.ts';
import { n8nScript, readCachedN8n, type CachedN8n } from './n8n-cache.ts';
import type { N8nCommand } from './n8n-command.ts';
import { needNode } from './need-node.ts';
import { npmProblem } from './npm-problem.ts';
import { runNpm } from './npm.ts';
import { Problem } from './problem.ts';
import { runCommand } from './run-command.ts';

/** What the install takes, its native build and npm's own cache included. */
const NEEDED_GB = 3;
/** The packages with native parts that n8n cannot start without. */
const NATIVE = ['isolated-vm', 'sqlite3'];
const COUNT_EVERY_MS = 2000;

export interface InstallOptions {
	/** Told now and then what is going on. */
	onProgress: (doing: string) => void;
	signal?: AbortSignal;
}

/** Installs the pinned n8n into the user's cache unless it is there. */
export async function ensureCachedN8n(
	place: CachedN8n,
	{ onProgress, signal }: InstallOptions,
): Promise<N8nCommand> {
	needNode();
	const ready = readCachedN8n(place);
	if (ready) return ready;
	await mkdir(place.cache, { recursive: true });
	const onWaiting = (pid: number) => onProgress(`process ${pid} is installing it: waiting`);
	return await withInstallLock(`${place.folder}.lock`, onWaiting, signal, async () => {
		const meanwhile = readCachedN8n(place);
		if (meanwhile) return meanwhile;
		await removeLeftovers(place);
		await needDiskSpace(place.cache, NEEDED_GB);
		const draft = `${place.folder}.draft-${process.pid}`;
		try {
			await install(place, draft, { onProgress, signal });
			await rename(draft, place.folder);
		} finally {
			await rm(draft, { recursive: true, force: true, maxRetries: 3 });
		}
		return readCachedN8n(place) as N8nCommand;
	});
}

async function install(
	place: CachedN8n,
	draft: string,
	{ onProgress, signal }: InstallOptions,
): Promise<void> {
	await mkdir(draft);
	for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
		await copyFile(join(place.pins, file), join(draft, file));
	}
	const count = await packageCounter(draft);
	onProgress('npm reads the list of packages');
	const counting = repeat(COUNT_EVERY_MS, async () => {
		const { there, total } = await count();
		if (there > 0) onProgress(`${there} of ${total} packages`);
	});
	const installed = await runNpm(['install', '--no-progress', '--loglevel=error'], {
		cwd: draft,
		signal,
	}).finally(counting.stop);
	if (installed.code !== 0) throw npmProblem('Installing n8n', installed);

	onProgress(`building native modules (${NATIVE.join(', ')})`);
	const args = ['rebuild', ...NATIVE, '--ignore-scripts=false', '--foreground-scripts'];
	const built = await runNpm(args, { cwd: draft, env: buildEnvironment(), signal });
	if (built.code !== 0) throw npmProblem("Building n8n's native modules", built);
	await check(draft, signal);
}

/** Without the headers beside Node, node-gyp would download them. */
function buildEnvironment(): NodeJS.ProcessEnv {
	const nodeFolder = dirname(dirname(process.execPath));
	const hasHeaders = existsSync(join(nodeFolder, 'include', 'node', 'node.h'));
	return hasHeaders ? { ...process.env, npm_config_nodedir: nodeFolder } : process.env;
}

async function check(draft: string, signal: AbortSignal | undefined): Promise<void> {
	const load = NATIVE.map((name) => `require(${JSON.stringify(name)})`).join(';');
	const loaded = await runCommand(process.execPath, ['-e', load], { cwd: draft, signal });
	if (loaded.code === 0 && existsSync(n8nScript(draft))) return;
	throw new Problem(
		`n8n was installed and does not load:\n${loaded.output.trim()}`,
		'Start again; if it stays so, install n8n yourself and name its executable in BULWARK_N8N.',
	);
}

/** Removes what installs left behind that were killed. */
async function removeLeftovers({ cache, folder }: CachedN8n): Promise<void> {
	for (const name of await readdir(cache)) {
		const path = join(cache, name);
		const pid = /\.draft-(\d+)$/.exec(name)?.[1];
		if (!pid || !path.startsWith(folder) || isProcessAlive(Number(pid))) continue;
		await rm(path, { recursive: true, force: true });
	}
}

function repeat(everyMs: number, work: () => Promise<void>): { stop: () => void } {
	let stopped = false;
	const next = () => {
		if (stopped) return;
		void work().finally(() => setTimeout(next, everyMs).unref());
	};
	next();
	return { stop: () => (stopped = true) };
}
