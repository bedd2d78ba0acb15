import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PROGRAM = path.resolve(
	__dirname,
	'../../../node_modules/@modelcontextprotocol/conformance/dist/index.js',
);

/** One thing that the suite looked at. */
export interface ConformanceCheck {
	readonly id: string;
	readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
	readonly errorMessage?: string;
}

/** Runs all scenarios of a revision of the protocol. @returns what was found, by scenario. */
export async function runConformanceSuite(
	url: string,
	version: string,
): Promise<ReadonlyMap<string, readonly ConformanceCheck[]>> {
	const folder = await mkdtemp(path.join(tmpdir(), 'bulwark-conformance-'));
	const args = ['--url', url, '--suite', 'all', '--spec-version', version, '-o', folder];
	try {
		const said = await new Promise<string>((resolve) => {
			// It ends with 1 where a scenario fails, which is for the caller to judge.
			execFile(process.execPath, [PROGRAM, 'server', ...args], (_, out, err) => resolve(out + err));
		});
		const names = await readdir(folder);
		if (names.length === 0) throw new Error(`The conformance suite did nothing:\n${said}`);
		const found = names.sort().map(async (name) => {
			const scenario = /^server-(.*)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)![1]!;
			const checks = await readFile(path.join(folder, name, 'checks.json'), 'utf8');
			return [scenario, JSON.parse(checks) as ConformanceCheck[]] as const;
		});
		return new Map(await Promise.all(found));
	} finally {
		await rm(folder, { recursive: true });
	}
}
