import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { readN8n, type N8nCommand } from './n8n-command.ts';

/** Where the n8n that is pinned in deploy/n8n lies once it is installed. */
export interface CachedN8n {
	/** The folder that holds it; it appears whole or not at all. */
	folder: string;
	/** The folder of all of them, and of what belongs to an install under way. */
	cache: string;
	/** The folder that pins it. */
	pins: string;
}

/**
 * The place of the pinned n8n in the user's cache: one for each lockfile, kind of machine and
 * native-module version of Node, shared by all clones.
 */
export function cachedN8n(projectRoot: string, env: NodeJS.ProcessEnv): CachedN8n {
	const pins = join(projectRoot, 'deploy', 'n8n');
	const cache = join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bulwark');
	const hash = createHash('sha256')
		.update(readFileSync(join(pins, 'package.json')))
		.update(readFileSync(join(pins, 'package-lock.json')))
		.update([process.platform, process.arch, process.versions.modules].join(' '))
		.digest('hex')
		.slice(0, 16);
	return { folder: join(cache, `n8n-${hash}`), cache, pins };
}

/** The n8n in that place, or undefined while there is none. */
export function readCachedN8n({ folder }: CachedN8n): N8nCommand | undefined {
	if (!existsSync(folder)) return undefined;
	return { node: process.execPath, ...readN8n(n8nScript(folder)) };
}

/** The script of an n8n that npm installed in that folder. */
export function n8nScript(folder: string): string {
	return join(folder, 'node_modules', 'n8n', 'bin', 'n8n');
}
