import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StateFolder } from '../../../scripts/cli/index.ts';
import { importWorkflows, type WorkflowFile } from '../../../scripts/demo/index.ts';
import type { N8nClient, StoredWorkflow, WorkflowJson } from '../../../scripts/n8n/index.ts';

/** As much of n8n as the import asks for. */
class FakeN8n {
	readonly workflows = new Map<string, StoredWorkflow>();

	private versions = 0;

	findWorkflow = async (id: string) => await Promise.resolve(this.workflows.get(id));

	createWorkflow = async (workflow: WorkflowJson) => await this.save(workflow.id ?? '', workflow);

	updateWorkflow = async (id: string, workflow: WorkflowJson) => await this.save(id, workflow);

	publish = async ({ id, versionId }: StoredWorkflow) => {
		const stored = this.workflows.get(id) as StoredWorkflow;
		const needs = stored.settings?.needs as string | undefined;
		if (needs && !this.workflows.get(needs)?.activeVersionId) {
			throw new Error(`${needs} is not published`);
		}
		stored.activeVersionId = versionId;
		return await Promise.resolve(stored);
	};

	async save(id: string, workflow: WorkflowJson): Promise<StoredWorkflow> {
		this.versions += 1;
		const stored = {
			...workflow,
			id,
			versionId: `v${this.versions}`,
			activeVersionId: null,
			isArchived: false,
		};
		this.workflows.set(id, stored);
		return await Promise.resolve({ ...stored });
	}
}

const file = (id: string, hash: string, needs?: string): WorkflowFile => ({
	file: `workflows/${id}.json`,
	hash,
	workflow: {
		id,
		name: id,
		nodes: [{ name: 'Start', type: 'n8n-nodes-base.webhook' }],
		connections: {},
		settings: { hash, needs },
	},
});

const FOLDER = { command: 'npm start', variable: 'UNSET', defaultName: '.state' };

let folder: string;
let state: StateFolder;
let n8n: FakeN8n;
const importAll = async (...files: WorkflowFile[]) =>
	await importWorkflows(n8n as unknown as N8nClient, state, files);

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'bulwark-import-'));
	state = new StateFolder(folder, {}, FOLDER);
	await state.create();
	n8n = new FakeN8n();
});
afterEach(async () => await rm(folder, { recursive: true }));

describe('importWorkflows', () => {
	it('imports and publishes, a sub-workflow before the one that runs it', async () => {
		const { imported } = await importAll(file('parent', '1', 'child'), file('child', '1'));
		expect(imported).toEqual(['parent', 'child']);
		expect([...n8n.workflows.values()].every((w) => w.activeVersionId !== null)).toBe(true);
	});

	it('does nothing when nothing has changed', async () => {
		await importAll(file('a', '1'));
		const before = n8n.workflows.get('a');
		expect(await importAll(file('a', '1'))).toEqual({ imported: [], keptAsEdited: [] });
		expect(n8n.workflows.get('a')).toBe(before);
	});

	it('brings a workflow up to date that only its file has changed', async () => {
		await importAll(file('a', '1'));
		expect((await importAll(file('a', '2'))).imported).toEqual(['a']);
		expect(n8n.workflows.get('a')?.settings?.hash).toBe('2');
	});

	it('leaves alone what the user has edited, and says so', async () => {
		await importAll(file('a', '1'));
		await n8n.save('a', { ...file('a', 'mine').workflow });
		expect(await importAll(file('a', '2'))).toEqual({ imported: [], keptAsEdited: ['a'] });
		expect(n8n.workflows.get('a')?.settings?.hash).toBe('mine');
	});

	it('does not bring back what the user has deleted, until its file changes', async () => {
		await importAll(file('a', '1'));
		n8n.workflows.delete('a');
		await importAll(file('a', '1'));
		expect(n8n.workflows.has('a')).toBe(false);
		await importAll(file('a', '2'));
		expect(n8n.workflows.has('a')).toBe(true);
	});

	it('finishes an import that was interrupted before it published', async () => {
		await n8n.createWorkflow(file('a', '1').workflow);
		expect((await importAll(file('a', '1'))).imported).toEqual(['a']);
		expect(n8n.workflows.get('a')?.activeVersionId).not.toBeNull();
	});
});
