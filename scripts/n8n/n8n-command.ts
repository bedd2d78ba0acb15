import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Problem } from './problem.ts';

/** The oldest n8n that Bulwark is made for. */
export const OLDEST_N8N = '2.41';

/** An n8n that can be started: its script, and the Node to run it with. */
export interface N8nCommand {
	node: string;
	script: string;
	version: string;
}

/** What is known of an n8n by its executable: a link, a Windows shim or the script itself. */
export function readN8n(executable: string): Omit<N8nCommand, 'node'> {
	const remedy = 'It must be the path of an n8n executable, such as the one in node_modules/.bin.';
	if (!existsSync(executable)) throw new Problem(`There is no ${executable}.`, remedy);
	const shim = join(dirname(executable), 'node_modules', 'n8n', 'bin', 'n8n');
	const script = /\.(cmd|ps1)$/i.test(executable) ? shim : realpathSync(executable);
	const manifestFile = join(dirname(script), '..', 'package.json');
	const manifest = existsSync(manifestFile)
		? (JSON.parse(readFileSync(manifestFile, 'utf8')) as { name?: string; version?: string })
		: {};
	if (manifest.name !== 'n8n' || !manifest.version) {
		throw new Problem(`${executable} is not n8n's executable.`, remedy);
	}
	return { script, version: manifest.version };
}

/** Whether that version of n8n will do. */
export function isNewEnough(version: string): boolean {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const [oldestMajor = 0, oldestMinor = 0] = OLDEST_N8N.split('.').map(Number);
	return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
