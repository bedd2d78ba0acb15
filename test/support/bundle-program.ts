import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import bundleSettings from '../../toolchain/bundle-settings.js';

/** A program for a process of its own. */
export interface ProgramFile {
	readonly path: string;
	remove(): Promise<void>;
}

/** Bundles a program as the published nodes are. */
export async function bundleProgram(source: string): Promise<ProgramFile> {
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-program-'));
	const path = join(folder, 'program.js');
	await build({ ...bundleSettings, entryPoints: [source], outfile: path });
	return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
