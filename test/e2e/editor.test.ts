import { mkdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { readWorkflowFiles, type WorkflowFile } from '../../scripts/demo/index.ts';
import { Editor } from '../support/editor';
import { useN8n } from '../support/use-n8n';

const PROJECT = resolve(__dirname, '../..');
/** Kept after the tests, to be looked at. */
const PICTURES = join(PROJECT, 'node_modules', '.cache', 'editor-pictures');
const BULWARK = 'n8n-nodes-bulwark.';
/** They guard nothing, and have no ports with names. */
const LOOKS = /\.bulwark(Operations|Trigger)$/;

let files: WorkflowFile[];
let editor: Editor;

// Before n8n stops: jest calls these hooks in the order in which they stand.
afterAll(async () => {
	await editor?.close();
});

const started = useN8n();

beforeAll(async () => {
	await mkdir(PICTURES, { recursive: true });
	files = await readWorkflowFiles(PROJECT, started.api.url);
	await started.n8n.importWorkflows(...files.map(({ workflow }) => workflow));
	editor = await Editor.open(started.n8n.client);
});

interface Canvas {
	/** How many sticky notes there are. */
	notes: number;
	/** Labels of connectors, by node. */
	ports: Record<string, string[]>;
	/** Names of nodes that a wire leads from and to. */
	wires: string[];
	/** Text of each node: its name and what it will do. */
	texts: Record<string, string>;
}

/** Reads what the canvas shows off the page. */
async function readCanvas(): Promise<Canvas> {
	// Runs in the browser.
	return await editor.page.evaluate(`(() => {
		const all = (root, selector) => [...root.querySelectorAll(selector)];
		const nodes = all(document, '[data-test-id="canvas-node"]').map((node) => [
			node.getAttribute('data-node-name'),
			node.closest('.vue-flow__node') ?? node,
		]);
		return {
			notes: all(document, '[data-test-id="sticky"]').length,
			ports: Object.fromEntries(nodes.map(([name, node]) => [
				name,
				all(node, '[data-test-id$="put-handle"]').map((handle) => handle.innerText.trim()),
			])),
			texts: Object.fromEntries(nodes.map(([name, node]) => [name, node.innerText])),
			wires: all(document, '[data-test-id="edge"]').map(
				(edge) => edge.getAttribute('data-source-node-name') + ' -> ' + edge.getAttribute('data-target-node-name'),
			),
		};
	})()`);
}

/** Width and height of a PNG file, from its header. */
async function pngSize(file: string): Promise<{ width: number; height: number; bytes: number }> {
	const png = await readFile(file);
	expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
	return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), bytes: png.length };
}

/** The wires that a workflow's JSON has. */
const wiresOf = ({ workflow }: WorkflowFile): string[] =>
	Object.entries(workflow.connections as Record<string, { main: Array<Array<{ node: string }>> }>)
		.flatMap(([from, { main }]) => main.flat().map(({ node }) => `${from} -> ${node}`))
		.sort();

it('the canvas shows every workflow with its nodes, port labels and loop wires', async () => {
	for (const file of files) {
		const picture = join(PICTURES, `${basename(file.file, '.json')}.png`);
		await editor.show(file.workflow.id);
		await editor.picture(picture);

		const canvas = await readCanvas();
		const notes = file.workflow.nodes.filter(({ type }) => type.endsWith('.stickyNote'));
		const nodes = file.workflow.nodes.filter((node) => !notes.includes(node));
		expect(canvas.notes).toBe(notes.length);
		expect((await editor.nodeNames()).sort()).toEqual(nodes.map(({ name }) => name).sort());
		expect(canvas.wires.sort()).toEqual(wiresOf(file));
		for (const { name, type, parameters } of nodes) {
			if (!type.startsWith(BULWARK) || LOOKS.test(type)) continue;
			const isBetween = parameters!.mode !== 'subWorkflow';
			expect(canvas.ports[name]!.sort()).toEqual(
				[
					...(isBetween ? ['Items', 'Succeeded', 'Failed', 'Call'] : ['Items']),
					...['Success', 'Failed', 'Rejected'],
				].sort(),
			);
			// A subtitle stands under the name.
			expect(canvas.texts[name]!.split('\n').filter((line) => line.trim() !== '').length).toBe(
				canvas.ports[name]!.length + 2,
			);
		}
		const { width, height, bytes } = await pngSize(picture);
		expect([width, height]).toEqual([1600, 900]);
		expect(bytes).toBeGreaterThan(20_000);
	}
});

it('the panels of the nodes that look after n8n show what they can do', async () => {
	const alert = files.find(({ workflow }) => workflow.name === 'Alert on trouble')!;
	await editor.show(alert.workflow.id);
	const panels = {
		'When something is wrong': ['Events', 'Breaker Changes State', 'Queue and Policies'],
		'State of all policies': ['Resource', 'Operation', 'Return All', 'Queue and Policies'],
	};
	for (const [node, words] of Object.entries(panels)) {
		const shown = await editor.openNode(node);
		const picture = join(PICTURES, `panel-${node.toLowerCase().replaceAll(' ', '-')}.png`);
		await editor.picture(picture);
		await editor.closeNode();
		for (const word of words) expect(shown).toContain(word);
		expect((await pngSize(picture)).bytes).toBeGreaterThan(20_000);
	}
});

it('the demo, executed by its button, shows what went through the wires', async () => {
	const demo = files.find(({ workflow }) => workflow.name === 'Protect a flaky API')!;
	const picture = join(PICTURES, 'protect-a-flaky-api-executed.png');
	await editor.show(demo.workflow.id);
	await editor.executeFrom('Execute by hand');
	await editor.page.getByText('6 items total').first().waitFor();
	await editor.closeMessages();
	await editor.fit();
	await editor.picture(picture);
	const shown = await editor.page.locator('body').innerText();
	expect(shown).toContain('11 items total');
	expect((await pngSize(picture)).bytes).toBeGreaterThan(20_000);
});

it('the node panel finds the steps', async () => {
	const { page } = editor;
	await editor.show(files.find(({ workflow }) => workflow.name === 'Pattern: Retry')!.workflow.id);
	await page.locator('[data-test-id="node-creator-plus-button"]').click();
	await page.locator('[data-test-id="node-creator-search-bar"]').fill('bulwark');
	const items = page.locator('[data-test-id="item-iterator-item"]');
	await items.filter({ hasText: 'Circuit Breaker' }).first().waitFor();
	const found = await items.allInnerTexts();
	await editor.picture(join(PICTURES, 'node-panel.png'));
	await page.keyboard.press('Escape');
	// n8n leaves the word out by which it shows that a node is a trigger.
	expect(found.map((text) => text.split('\n')[0]).sort()).toEqual([
		'Bulkhead',
		'Bulwark',
		'Bulwark Operations',
		'Circuit Breaker',
		'Fallback',
		'Rate Limiter',
		'Resilience Pipeline',
		'Retry',
		'Run Once',
		'Timeout',
	]);
});

it('a step asks where its state is kept, and for the credential of a Redis', async () => {
	const { page } = editor;
	await editor.show(files.find(({ workflow }) => workflow.name === 'Pattern: Retry')!.workflow.id);
	await page.locator('[data-test-id="canvas-node"][data-node-name="Retry"]').dblclick();
	const state = page.locator('[data-test-id="parameter-input-state"]');
	await state.waitFor();
	expect(await page.getByText('When Redis Is Down').count()).toBe(0);
	for (const choice of ['Redis', 'Redis, With a Bulwark Credential']) {
		await state.click();
		await page.locator('.el-select-dropdown:visible').getByText(choice, { exact: true }).click();
		await page.locator('[data-test-id="node-credentials-slot"]').waitFor();
		await page.getByText('When Redis Is Down').first().waitFor();
	}
	await editor.picture(join(PICTURES, 'state-in-redis.png'));
});
