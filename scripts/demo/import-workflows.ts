import { isPublishable, type N8nClient, publishAll, type StoredWorkflow } from '../n8n/index.ts';
import type { StateFolder } from '../cli/index.ts';
import type { WorkflowFile } from './workflow-files.ts';

/** What was imported from a file: the file's hash, and the version that n8n made of it. */
interface Imported {
	hash: string;
	versionId: string;
}

export interface ImportReport {
	imported: string[];
	/** Names of workflows whose file has changed, but which the user has changed too. */
	keptAsEdited: string[];
}

const FILE = 'workflows.json';

/**
 * Imports and publishes the prebuilt workflows that are new or have changed since the last start.
 * What the user has edited or deleted stays so.
 */
export async function importWorkflows(
	client: N8nClient,
	state: StateFolder,
	files: readonly WorkflowFile[],
): Promise<ImportReport> {
	const known = (await state.read<Record<string, Imported>>(FILE)) ?? {};
	const report: ImportReport = { imported: [], keptAsEdited: [] };
	const stored: Array<[WorkflowFile, StoredWorkflow]> = [];
	for (const file of files) {
		if (known[file.file]?.hash === file.hash) continue;
		const result = await store(client, file, known[file.file]);
		if (result === 'edited') report.keptAsEdited.push(file.workflow.name);
		else stored.push([file, result]);
	}
	await publishAll(
		client,
		stored.map(([, workflow]) => workflow),
	);
	for (const [{ file, hash, workflow }, { versionId }] of stored) {
		known[file] = { hash, versionId };
		report.imported.push(workflow.name);
	}
	await state.write(FILE, known);
	return report;
}

async function store(
	client: N8nClient,
	{ workflow }: WorkflowFile,
	last: Imported | undefined,
): Promise<StoredWorkflow | 'edited'> {
	const there = await client.findWorkflow(workflow.id);
	if (!there) return await client.createWorkflow(workflow);
	// An import that was interrupted before it was noted is published and unedited, or neither.
	const unedited = last ? there.versionId === last.versionId : !isFinished(there);
	return unedited ? await client.updateWorkflow(workflow.id, workflow) : 'edited';
}

function isFinished(workflow: StoredWorkflow): boolean {
	return workflow.activeVersionId !== null || !isPublishable(workflow);
}
