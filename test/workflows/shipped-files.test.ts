import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readWorkflowFiles, type WorkflowFile } from '../../scripts/demo/index.ts';
import type { WorkflowJson } from '../../scripts/n8n/index.ts';
import { boxOf, overlap } from '../support/canvas-boxes';

const PROJECT = resolve(__dirname, '../..');
const BULWARK = 'n8n-nodes-bulwark.';
/** Read here and now, because Jest wants to know its tests before any of them runs. */
const FILES = readdirSync(join(PROJECT, 'workflows'), { recursive: true, encoding: 'utf8' })
	.filter((name) => name.endsWith('.json'))
	.map((name) => join('workflows', name));
const STICKY_NOTE = 'n8n-nodes-base.stickyNote';

interface Wire {
	node: string;
	type: string;
	index: number;
}

const REDIS = { id: 'redis-1', name: 'Redis' };

let files: WorkflowFile[];
const named = (file: string) => files.find((candidate) => candidate.file === file)!.workflow;

beforeAll(async () => {
	files = await readWorkflowFiles(PROJECT, 'http://127.0.0.1:5690', REDIS);
});

const wiresOf = ({ connections }: WorkflowJson): Array<[from: string, Wire]> =>
	Object.entries(connections as Record<string, { main: Wire[][] }>).flatMap(([from, { main }]) =>
		main.flatMap((output) => output.map((wire): [string, Wire] => [from, wire])),
	);

it('there is a workflow per pattern, and the demo', () => {
	expect(files.map(({ workflow }) => workflow.name).sort()).toEqual([
		'Alert on trouble',
		'Answer a webhook through a flaky API',
		'Call the flaky API (sub-workflow)',
		'Pattern: Bulkhead',
		'Pattern: Circuit Breaker',
		'Pattern: Fallback',
		'Pattern: Rate Limiter',
		'Pattern: Resilience Pipeline',
		'Pattern: Retry',
		'Pattern: Run Once',
		'Pattern: Timeout',
		'Protect a flaky API',
		'Queue mode: Bulkhead',
		'Queue mode: Circuit Breaker',
		'Queue mode: Rate Limiter',
		'Synthetic check',
	]);
});

it('with a Redis all steps keep their state in it; without one, what needs it is left out', async () => {
	const steps = files.flatMap(({ workflow }) =>
		workflow.nodes.filter(({ type }) => type.startsWith(BULWARK)),
	);
	for (const { parameters, credentials } of steps) {
		expect(parameters).toMatchObject({ state: 'redis' });
		expect(credentials).toEqual({ redis: REDIS });
	}
	const without = await readWorkflowFiles(PROJECT, 'http://127.0.0.1:5690');
	expect(files.length - without.length).toBe(FILES.filter((f) => f.includes('queue-mode')).length);
	for (const { nodes } of without.map(({ workflow }) => workflow)) {
		expect(nodes.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
		expect(nodes.filter(({ parameters }) => parameters?.state !== undefined)).toEqual([]);
	}
});

it('every step of the package is shown in some workflow', () => {
	const { n8n } = JSON.parse(readFileSync(resolve(PROJECT, 'package.json'), 'utf8')) as {
		n8n: { nodes: string[] };
	};
	const steps = n8n.nodes.map((path) => /([^/]+)\.node\.js$/.exec(path)![1]!.toLowerCase());
	const shown = files.flatMap(({ workflow }) => workflow.nodes.map(({ type }) => type));
	for (const step of steps) {
		expect(shown.map((type) => type.toLowerCase())).toContain(`${BULWARK}${step}`);
	}
});

it('no two workflows, and no two nodes of one, share an id', () => {
	expect(new Set(files.map(({ workflow }) => workflow.id)).size).toBe(files.length);
	for (const { workflow } of files) {
		const { nodes } = workflow;
		expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
		expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
	}
});

describe('each workflow', () => {
	it.each(FILES)('%s explains itself, is tidy and complete', (file) => {
		const workflow = named(file);
		const { nodes } = workflow;
		expect(workflow.settings).toEqual({ executionOrder: 'v1' });
		expect(nodes.filter(({ type }) => type === STICKY_NOTE).length).toBeGreaterThan(0);
		expect(workflow).not.toHaveProperty('pinData');
		const others = nodes.filter(({ type }) => !type.startsWith(BULWARK));
		expect(others.filter(({ credentials }) => credentials !== undefined)).toEqual([]);

		const names = nodes.map(({ name }) => name);
		for (const [from, { node, type }] of wiresOf(workflow)) {
			expect(names).toContain(from);
			expect(names).toContain(node);
			expect(type).toBe('main');
		}
		const wired = new Set(wiresOf(workflow).flatMap(([from, { node }]) => [from, node]));
		const loose = nodes.filter(({ name, type }) => type !== STICKY_NOTE && !wired.has(name));
		expect(loose.map(({ name }) => name)).toEqual([]);

		const boxes = nodes.map(boxOf);
		const overlapping = boxes.flatMap((box, index) =>
			boxes
				.slice(index + 1)
				.filter((other) => overlap(box, other))
				.map((other) => `${box.name} and ${other.name}`),
		);
		expect(overlapping).toEqual([]);
	});
});
