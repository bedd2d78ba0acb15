/**
 * Fills in the parameter tables of docs/nodes/*.md from the nodes' own descriptions, and so from the schemas of their
 * policies: `npm run docs` writes, `npm run docs -- --check` fails when a page is out of date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';

import * as nodes from '../../nodes/runtime.ts';
import { parameterTable } from './parameter-table.ts';

const PAGES = path.join(import.meta.dirname, '..', '..', 'docs', 'nodes');
const START = '<!-- parameters: written by `npm run docs` -->';
const END = '<!-- end of parameters -->';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const outdated: string[] = [];
for (const Node of Object.values(nodes)) {
	const { description } = new Node();
	const name = description.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
	const file = path.join(PAGES, `${name}.md`);
	const page = await readFile(file, 'utf8');
	const filled = await format(fill(page, parameterTable(description), file), {
		...(await resolveConfig(file)),
		filepath: file,
	});
	if (filled === page) continue;
	outdated.push(path.relative(process.cwd(), file));
	if (!values.check) await writeFile(file, filled);
}

if (outdated.length === 0) {
	console.log('All pages are up to date.');
} else if (values.check) {
	console.error(`Out of date: ${outdated.join(', ')}. Run: npm run docs`);
	process.exitCode = 1;
} else {
	console.log(`Written: ${outdated.join(', ')}`);
}

/** A page with what stands between its markers replaced. */
function fill(page: string, table: string, file: string): string {
	const start = page.indexOf(START);
	const end = page.indexOf(END);
	if (start < 0 || end < start) throw new Error(`${file} needs the lines ${START} and ${END}`);
	return `${page.slice(0, start + START.length)}\n\n${table}\n\n${page.slice(end)}`;
}
