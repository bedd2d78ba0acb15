import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Runs the benchmarks with so little effort that only their ways count. */
async function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	const node = ['--import', './toolchain/typescript.mjs', 'bench/main.ts'];
	const least = ['--rounds', '3', '--turn-ms', '1'];
	return await new Promise((done) => {
		execFile(
			process.execPath,
			[...node, ...least, ...args],
			{ cwd: ROOT },
			(error, stdout, stderr) => done({ code: Number(error?.code ?? 0), stdout, stderr }),
		);
	});
}

describe('npm run bench', () => {
	let folder: string;
	beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-test-'))));
	afterEach(() => rmSync(folder, { recursive: true }));

	it('measures the benchmarks it is asked for and writes their figures', async () => {
		const file = join(folder, 'figures.json');
		const { code, stdout } = await bench('--only', 'limiter-bytes, breaker', '--json', file);

		expect(code).toBe(0);
		expect(stdout).toMatch(/^breaker .*^limiter-bytes /ms);
		const number = expect.any(Number);
		expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([
			{
				id: 'breaker',
				figure: number,
				target: '>= 1',
				unit: 'x',
				ours: number,
				other: number,
				note: expect.stringContaining('half of 3 rounds within'),
			},
			{
				id: 'limiter-bytes',
				figure: number,
				target: '< 100',
				unit: 'bytes/key',
				ours: number,
				other: number,
				note: expect.stringContaining('after gc'),
			},
		]);
	});

	it('names the benchmarks there are when it is asked for another', async () => {
		const { code, stderr } = await bench('--only', 'breaker,toaster');

		expect(code).toBe(2);
		expect(stderr).toMatch(/There is no benchmark toaster\.[^]*IDs: noop, breaker/);
	});
});
