import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

import type { ExecutionRow } from '../../../core/ports/stack';
import { realN8n } from '../real-n8n';
import type { N8nDatabase } from './n8n-database';

const insert = async (
	database: N8nDatabase,
	table: string,
	row: Record<string, unknown>,
): Promise<Record<string, unknown>> => {
	const names = Object.keys(row);
	const [inserted] = await database.run(
		`INSERT INTO ${database.table(table)} (${names.map((name) => `"${name}"`).join(', ')})
			VALUES (${names.map(() => '?').join(', ')}) RETURNING *`,
		Object.values(row),
	);
	return inserted!;
};

export interface NewWorkflow {
	readonly id: string;
	readonly name?: string;
	/** As the editor shows them. */
	readonly nodes?: readonly object[];
	/** As they were published; none: it is not. */
	readonly publishedNodes?: readonly object[];
	/** Default: now. */
	readonly publishedAt?: number;
	readonly settings?: object;
	readonly tags?: readonly string[];
	readonly isArchived?: boolean;
}

/** Stores a workflow as n8n does. */
export async function addWorkflow(database: N8nDatabase, workflow: NewWorkflow): Promise<void> {
	const { id, name = id, nodes = [], publishedNodes, settings = {}, tags = [] } = workflow;
	const { publishedAt } = workflow;
	const flag = (value: boolean) => (database.settings.type === 'sqlite' ? Number(value) : value);
	const draft = { nodes: JSON.stringify(nodes), connections: '{}' };
	await insert(database, 'workflow_entity', {
		...{ id, name, ...draft, settings: JSON.stringify(settings), versionId: randomUUID() },
		...{ active: flag(publishedNodes !== undefined), triggerCount: 0 },
		isArchived: flag(workflow.isArchived ?? false),
	});
	if (publishedNodes) {
		const versionId = randomUUID();
		await insert(database, 'workflow_history', {
			...{ versionId, workflowId: id, authors: 'test', connections: '{}' },
			nodes: JSON.stringify(publishedNodes),
		});
		await database.run(
			`UPDATE ${database.table('workflow_entity')} SET "activeVersionId" = ? WHERE id = ?`,
			[versionId, id],
		);
		await insert(database, 'workflow_published_version', {
			...{ workflowId: id, publishedVersionId: versionId },
			...(publishedAt !== undefined && { updatedAt: database.time(publishedAt) }),
		});
	}
	for (const tag of tags) {
		const tagId = randomUUID();
		await insert(database, 'tag_entity', { id: tagId, name: tag });
		await insert(database, 'workflows_tags', { workflowId: id, tagId });
	}
}

type NewExecution = Partial<Omit<ExecutionRow, 'id'>> &
	Pick<ExecutionRow, 'status' | 'createdAt'> & {
		readonly id?: number;
		/** When n8n began to delete it. */
		readonly deletedAt?: number;
		/** What n8n saves of how it went. */
		readonly data?: object;
		/** What it keeps beside that of the workflow. */
		readonly workflow?: object;
		/** Where that is. Default: in the database. */
		readonly storedAt?: 'db' | 'fs' | 's3';
	};

/** Stores an execution as n8n does. @returns its id */
export async function addExecution(
	database: N8nDatabase,
	{ data, workflow = {}, storedAt = 'db', ...execution }: NewExecution,
): Promise<string> {
	const times = ['createdAt', 'startedAt', 'stoppedAt', 'waitTill', 'deletedAt'];
	const fields = { workflowId: 'w1', mode: 'webhook', ...execution };
	const columns = Object.entries(fields)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => [name, times.includes(name) ? database.time(value as number) : value]);
	const finished = execution.status === 'success';
	const { id } = await insert(database, 'execution_entity', {
		...Object.fromEntries(columns),
		storedAt,
		finished: database.settings.type === 'sqlite' ? Number(finished) : finished,
	});
	if (data && storedAt === 'db')
		await insert(database, 'execution_data', {
			executionId: id,
			workflowData: JSON.stringify(workflow),
			data: await flatted(data),
		});
	return String(id);
}

/** By n8n's own writer. */
async function flatted(data: object): Promise<string> {
	writer ??= realN8n().then(({ script }) => createRequire(script)('flatted') as typeof JSON);
	return (await writer).stringify(data);
}

let writer: Promise<typeof JSON> | undefined;
