/**
 * Fills in the parameter tables of docs/nodes/*.md from the nodes' own descriptions, and so from the schemas of their
 * policies, that of docs/mcp-settings.md from the schema of the MCP server's settings, that of docs/policies.md from what is said of
 * figures, and records the schemas of this version's MCP tools in docs/mcp-tools: `npm run docs` writes,
 * `npm run docs -- --check` fails when a file is out of date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';

import packageJson from '../../package.json' with { type: 'json' };
import * as nodes from '../../nodes/runtime.ts';
import { figuresTable } from './figures-table.ts';
import { parameterTable } from './parameter-table.ts';
import { settingsTable } from './settings-table.ts';
import { toolRecord } from './tool-record.ts';

const DOCS = path.join(import.meta.dirname, '..', '..', 'docs');
const START = '<!-- parameters: written by `npm run docs` -->';
const END = '<!-- end of parameters -->';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const outdated: string[] = [];
for (const Node of Object.values(nodes)) {
	const { description } = new Node();
	const name = description.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
	const file = path.join(DOCS, 'nodes', `${name}.md`);
	const page = await readFile(file, 'utf8');
	await put(file, page, fill(page, parameterTable(description), file));
}
const settings = path.join(DOCS, 'mcp-settings.md');
const settingsPage = await readFile(settings, 'utf8');
await put(settings, settingsPage, fill(settingsPage, settingsTable(), settings));
const policies = path.join(DOCS, 'policies.md');
const policiesPage = await readFile(policies, 'utf8');
await put(policies, policiesPage, fill(policiesPage, figuresTable(), policies));
const record = path.join(DOCS, 'mcp-tools', `${packageJson.version}.json`);
const recorded = await readFile(record, 'utf8').catch(() => '');
await put(record, recorded, JSON.stringify(toolRecord()));

if (outdated.length === 0) {
	console.log('All pages are up to date.');
} else if (values.check) {
	console.error(`Out of date: ${outdated.join(', ')}. Run: npm run docs`);
	process.exitCode = 1;
} else {
	console.log(`Written: ${outdated.join(', ')}`);
}

/** Writes a file, in our style, where it is not the same already. */
async function put(file: string, before: string, text: string): Promise<void> {
	const now = await format(text, { ...(await resolveConfig(file)), filepath: file });
	if (now === before) return;
	outdated.push(path.relative(process.cwd(), file));
	if (!values.check) await writeFile(file, now);
}

/** A page with what stands between its markers replaced. */
function fill(page: string, table: string, file: string): string {
	const start = page.indexOf(START);
	const end = page.indexOf(END);
	if (start < 0 || end < start) throw new Error(`${file} needs the lines ${START} and ${END}`);
	return `${page.slice(0, start + START.length)}\n\n${table}\n\n${page.slice(end)}`;
}
