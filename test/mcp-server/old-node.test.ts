import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { bundleProgram } from '../support/bundle-program';

/** Makes a Node of an older one: by its version, and by a module that it does not have. */
const AS_OLD_NODE = `
	const Module = require('node:module');
	const load = Module._load;
	Module._load = (name, ...rest) => {
		if (name === 'node:sqlite') throw new Error('No such built-in module: node:sqlite');
		return load(name, ...rest);
	};
	const versions = { ...process.versions, node: '20.20.2' };
	Object.defineProperty(process, 'versions', { value: versions });
`;

it('says in a line which Node it needs, and on which it runs', async () => {
	const program = await bundleProgram(path.resolve(__dirname, '../../mcp-server/main.ts'));
	const folder = await mkdtemp(path.join(tmpdir(), 'bulwark-mcp-'));
	const older = path.join(folder, 'older.cjs');
	await writeFile(older, AS_OLD_NODE);
	const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
		execFile(process.execPath, ['--require', older, program.path], (error, _stdout, stderr) =>
			resolve({ code: error?.code, stderr }),
		);
	});
	await Promise.all([program.remove(), rm(folder, { recursive: true })]);
	expect(ended).toEqual({
		code: 1,
		stderr: expect.stringMatching(
			/^bulwark-mcp needs Node 24 or newer; this is Node 20\.20\.2 \(.+\)\. Install it .+\n$/,
		),
	});
});
