import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import packageJson from '../../package.json';
import { inputBreaks, outputBreaks, type Schema } from '../support/mcp/schema-breaks';

interface RecordedTool {
	readonly name: string;
	readonly role: string;
	readonly effect: string;
	readonly input: Schema;
	readonly output: Schema;
}

const FOLDER = path.join(__dirname, '../../docs/mcp-tools');

const recordOf = (version: string): RecordedTool[] =>
	JSON.parse(readFileSync(path.join(FOLDER, `${version}.json`), 'utf8'));

const majorOf = (version: string) => Number(version.split('.')[0]);

/** All that a client of an earlier version's tools would miss. */
const breaksBetween = (before: readonly RecordedTool[], after: readonly RecordedTool[]): string[] =>
	before.flatMap((tool) => {
		const now = after.find(({ name }) => name === tool.name);
		if (!now) return [`${tool.name} is gone`];
		return [
			...(now.role === tool.role ? [] : [`it is for ${now.role}`]),
			...(now.effect === tool.effect ? [] : [`it ${now.effect}`]),
			...inputBreaks(tool.input, now.input),
			...outputBreaks(tool.output, now.output),
		].map((what) => `${tool.name}: ${what}`);
	});

const current = recordOf(packageJson.version);

const earlier = readdirSync(FOLDER)
	.map((file) => path.basename(file, '.json'))
	.filter((version) => majorOf(packageJson.version) - majorOf(version) <= 2);

// Of the current version the record is held against the tools by `npm run docs -- --check`.
it.each(earlier)('serves clients that know the tools of %s', (version) => {
	expect(breaksBetween(recordOf(version), current)).toEqual([]);
});

it.each<[string, (tool: any) => void, string]>([
	['a tool', (tool) => (tool.name = 'other'), 'list_policies is gone'],
	['a parameter', (tool) => delete tool.input.properties.limit, 'is no parameter any more'],
	['a limit', (tool) => (tool.input.properties.limit.maximum -= 1), 'maximum is less'],
	['an optional parameter', (tool) => (tool.input.required = ['cursor']), 'is required'],
	['free text', (tool) => (tool.input.properties.cursor.enum = ['a']), 'only some values'],
	['a result', (tool) => delete tool.output.properties.policies, 'policies: is gone'],
	['a promise', (tool) => (tool.output.required = []), 'policies: may be missing'],
	[
		'a type',
		(tool) => (tool.output.properties.policies.items.properties.name.type = 'number'),
		'policies[].name: may be number',
	],
	['a role', (tool) => (tool.role = 'admin'), 'it is for admin'],
])('finds that %s is not as it was', (_what, change, found) => {
	const changed = structuredClone(current);
	change(changed.find(({ name }) => name === 'list_policies'));
	expect(breaksBetween(current, changed)).toContainEqual(expect.stringContaining(found));
});
