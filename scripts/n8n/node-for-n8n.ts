import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { runCommand } from './run-command.ts';

/** Exits with 1 when n8n's database driver, a native module, was built for another Node. */
const CHECK = `
if (parseInt(process.versions.node) < 24) process.exit(1);
let driver;
try { driver = require.resolve('sqlite3', { paths: [process.argv[1]] }) } catch { process.exit(0) }
try { require(driver) } catch { process.exit(1) }
`;

/**
 * The Node that an n8n which somebody else installed runs under: ours where its native modules load
 * in it, else the first on PATH for which that holds.
 */
export async function nodeForN8n(script: string, path: string): Promise<string | undefined> {
	const name = process.platform === 'win32' ? 'node.exe' : 'node';
	const onPath = path
		.split(delimiter)
		.map((folder) => join(folder, name))
		.filter((file) => existsSync(file))
		.map((file) => realpathSync(file));
	for (const node of new Set([process.execPath, ...onPath])) {
		const { code } = await runCommand(node, ['-e', CHECK, script]);
		if (code === 0) return node;
	}
	return undefined;
}
