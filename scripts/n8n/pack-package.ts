import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { hashSources } from './hash-sources.ts';
import { withInstallLock } from './install-lock.ts';
import type { InstallOptions } from './install-n8n.ts';
import { npmProblem } from './npm-problem.ts';
import { runNpm } from './npm.ts';

/** What the tarball is made from. */
const SOURCES = [
	'package.json',
	'package-lock.json',
	'tsconfig.json',
	'tsconfig.build.json',
	'gulpfile.js',
	'gulpfile.mjs',
	'toolchain',
	'README.md',
	'CHANGELOG.md',
	'LICENSE',
	'LICENSE.md',
	'docs',
	'workflows',
	'core',
	'adapters',
	'nodes',
	'mcp-server',
	'credentials',
];

/**
 * Builds the package and packs it as it would be published, unless that was done of these very
 * sources. The tarball's name carries their hash, so that npm never takes one for another.
 */
export async function packPackage(projectRoot: string, options: InstallOptions): Promise<string> {
	const hash = await hashSources(projectRoot, SOURCES);
	const outFolder = join(projectRoot, 'node_modules', '.cache', 'bulwark-package');
	const tarball = join(outFolder, `n8n-nodes-bulwark-${hash}.tgz`);
	if (existsSync(tarball)) return tarball;
	await mkdir(outFolder, { recursive: true });
	const onWaiting = (pid: number) => options.onProgress(`process ${pid} is packing it: waiting`);
	// A build begins by deleting what another one has made.
	await withInstallLock(join(outFolder, 'lock'), onWaiting, options.signal, async () => {
		if (!existsSync(tarball)) await buildAndPack(projectRoot, tarball, options);
	});
	return tarball;
}

async function buildAndPack(
	projectRoot: string,
	tarball: string,
	{ onProgress, signal }: InstallOptions,
): Promise<void> {
	const outFolder = dirname(tarball);
	onProgress('building');
	const built = await runNpm(['run', 'build'], { cwd: projectRoot, signal });
	if (built.code !== 0) throw npmProblem('Building Bulwark', built);
	onProgress('packing');
	const draft = join(outFolder, `draft-${process.pid}`);
	await mkdir(draft, { recursive: true });
	try {
		const args = ['pack', '--ignore-scripts', '--pack-destination', draft];
		const packed = await runNpm(args, { cwd: projectRoot, signal });
		if (packed.code !== 0) throw npmProblem('Packing Bulwark', packed);
		await removeTarballs(outFolder);
		const [name = ''] = await readdir(draft);
		await rename(join(draft, name), tarball);
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
}

async function removeTarballs(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		if (name.endsWith('.tgz')) await rm(join(folder, name), { force: true });
	}
}
