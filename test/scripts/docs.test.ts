import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '..', '..');

it('the pages of the nodes are up to date', async () => {
	const { stdout } = await promisify(execFile)(
		process.execPath,
		['--import', './toolchain/typescript.mjs', 'scripts/docs/main.ts', '--check'],
		{ cwd: ROOT },
	);
	expect(stdout).toContain('up to date');
});
