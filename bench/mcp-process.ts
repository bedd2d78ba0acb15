import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { bundleProgram } from '../test/support/bundle-program';
import { freePort } from '../test/support/free-port';

/** `bulwark-mcp serve` in a process of its own, bundled as it is published. */
export interface McpProcess {
	readonly url: string;
	readonly token: string;
	/** It stands still, or goes on. */
	signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
	stop(): Promise<void>;
}

/** @param env where n8n's parts are, as n8n's own environment says it */
export async function startMcpProcess(env: Readonly<Record<string, string>>): Promise<McpProcess> {
	const program = await bundleProgram(join(import.meta.dirname, '../mcp-server/main.ts'));
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-mcp-bench-'));
	const config = join(folder, 'config.json');
	await writeFile(config, JSON.stringify({ stateFolder: folder }));
	const all = { PATH: process.env.PATH, ...env, BULWARK_MCP_CONFIG: config };
	const create = ['token', 'create', '--name', 'bench', '--role', 'viewer'];
	const run = promisify(execFile);
	const { stdout } = await run(process.execPath, [program.path, ...create], { env: all });
	const port = await freePort();
	const child = spawn(process.execPath, [program.path, 'serve', '--port', `${port}`], {
		env: all,
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const [said] = (await once(child.stderr, 'data')) as [Buffer];
	const url = /http:\S+/.exec(said.toString())?.[0];
	if (!url) throw new Error(`The MCP server does not serve: ${said.toString()}`);
	child.stderr.resume();
	return {
		url,
		token: stdout.trim(),
		signal: (signal) => void child.kill(signal),
		stop: async () => {
			child.kill('SIGTERM');
			await once(child, 'exit');
			await program.remove();
			await rm(folder, { recursive: true });
		},
	};
}
