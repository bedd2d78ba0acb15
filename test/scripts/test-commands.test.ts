import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../..');

const documented = ['CONTRIBUTING.md', 'docs/mcp-conformance.md', 'docs/reliability.md'].flatMap(
	(page) => {
		const text = readFileSync(join(root, page), 'utf8');
		return [...text.matchAll(/npm run (test:\w+) -- ([\w/-]+)/g)].map(
			([, script, path]) => [page, script!, path!] as const,
		);
	},
);

it('knows of test commands that name files', () => {
	expect(documented.length).toBeGreaterThanOrEqual(3);
});

it.each(documented)(
	'%s: npm run %s -- %s runs the files of that name alone',
	async (_page, script, path) => {
		const args = ['run', '--silent', script, '--', path, '--listTests'];
		const { stdout } = await promisify(execFile)('npm', args, { cwd: root });
		const files = stdout.split('\n').filter((line) => line.endsWith('.test.ts'));
		expect(files.length).toBeGreaterThan(0);
		expect(files.filter((file) => !file.slice(root.length).includes(path))).toEqual([]);
	},
	60_000,
);
