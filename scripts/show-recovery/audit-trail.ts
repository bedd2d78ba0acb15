import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunningMcpServer } from '../mcp/index.ts';
import { runCommand } from '../n8n/index.ts';

interface Entry {
	at: string;
	who: { name: string; role: string };
	operation: string;
	outcome: string;
	hash: string;
}

/** What the server has noted, a line each, and what its own check says of that. */
export async function auditTrail(
	{ program, configFile }: RunningMcpServer,
	stateFolder: string,
): Promise<string> {
	const folder = join(stateFolder, 'audit');
	const lines: string[] = [];
	for (const chain of await readdir(folder))
		for (const file of await readdir(join(folder, chain)))
			if (file.endsWith('.jsonl')) lines.push(...(await linesOf(join(folder, chain, file))));
	const verify = [program, 'audit', 'verify', '--config', configFile];
	const { output } = await runCommand(process.execPath, verify);
	return ['The audit trail:', ...lines, '> bulwark-mcp audit verify', output.trim()].join('\n');
}

async function linesOf(file: string): Promise<string[]> {
	const text = await readFile(file, 'utf8');
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => shown(JSON.parse(line) as Entry));
}

const shown = ({ at, who, operation, outcome, hash }: Entry): string =>
	[at, `${who.name} (${who.role})`, operation, outcome, hash.slice(0, 12)].join('  ');
