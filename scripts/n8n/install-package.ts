import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { npmProblem } from './npm-problem.ts';
import { runNpm } from './npm.ts';

/**
 * Installs packed community packages into an n8n user folder, where n8n's own installer puts them.
 * Takes effect when n8n starts. Returns false when these tarballs are there already.
 */
export async function installPackages(
	userFolder: string,
	tarballs: readonly string[],
	signal?: AbortSignal,
): Promise<boolean> {
	const nodes = join(userFolder, '.n8n', 'nodes');
	const manifest = join(nodes, 'package.json');
	const doneFile = join(nodes, '.bulwark-installed');
	const wanted = tarballs.map((tarball) => basename(tarball)).join('\n');
	if (existsSync(doneFile) && (await readFile(doneFile, 'utf8')) === wanted) return false;
	await mkdir(nodes, { recursive: true });
	if (!existsSync(manifest)) {
		const empty = { name: 'installed-nodes', private: true, dependencies: {} };
		await writeFile(manifest, JSON.stringify(empty, null, 2));
	}
	const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
	const bare = ['--ignore-scripts', '--legacy-peer-deps', '--omit=dev', '--no-package-lock'];
	const args = ['install', ...tarballs, ...quiet, ...bare];
	const installed = await runNpm(args, { cwd: nodes, signal });
	if (installed.code !== 0) throw npmProblem('Installing Bulwark into n8n', installed);
	await writeFile(doneFile, wanted);
	return true;
}
