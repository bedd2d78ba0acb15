import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const PROJECT = path.resolve(__dirname, '../..');

/** What would be published, but for what a build makes. */
function packedFiles(): readonly string[] {
	const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
	const said = execFileSync('npm', args, { cwd: PROJECT, encoding: 'utf8', stdio: 'pipe' });
	const [packed] = Object.values(JSON.parse(said) as Array<{ files: Array<{ path: string }> }>);
	return packed!.files.map((file) => file.path).filter((file) => !file.startsWith('dist/'));
}

/** For those who change Bulwark, or want proof: they need its repository. */
const isElsewhere = (link: string): boolean =>
	link === 'CONTRIBUTING.md' || link.startsWith('test/');

it('the package holds all that its pages lead to', () => {
	const files = packedFiles();
	const folders = new Set(files.map((file) => path.dirname(file)));
	const pages = files.filter((file) => file.endsWith('.md'));
	expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/mcp-settings.md']));
	expect(files).toContain('workflows/operations/synthetic-check.json');
	const missing = pages.flatMap((page) => {
		const text = readFileSync(path.join(PROJECT, page), 'utf8');
		const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
		return links
			.map((link) => path.join(path.dirname(page), link))
			.filter((link) => !files.includes(link) && !folders.has(link) && !isElsewhere(link))
			.map((link) => `${page}: ${link}`);
	});
	expect(missing).toEqual([]);
});
