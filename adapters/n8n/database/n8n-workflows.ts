import type { WorkflowOutline, WorkflowRecord, WorkflowView } from '../../../core/ports/stack';
import type { Database, Row, Statement } from './database';
import { listOf } from './execution-rows';
import { workflowNodesOf } from './workflow-node';

const IDS_A_STATEMENT = 100;

/** Pages are of such. */
const ACTIVE = `w."activeVersionId" IS NOT NULL AND w."isArchived" = false AND w.id > ? ORDER BY w.id LIMIT ?`;

/** Of what runs; else of the draft. */
const NODES = 'COALESCE(h.nodes, w.nodes)';

/** n8n's workflows: what runs is the version that `activeVersionId` names, whatever has been edited since. */
export class N8nWorkflows implements WorkflowView {
	constructor(private readonly database: Database) {}

	async find(ids: readonly string[]): Promise<readonly WorkflowRecord[]> {
		const known = [...new Set(ids)];
		const found: WorkflowRecord[] = [];
		for (let from = 0; from < known.length; from += IDS_A_STATEMENT) {
			const some = known.slice(from, from + IDS_A_STATEMENT);
			found.push(...(await this.records(`w.id IN (${listOf(some)}) ORDER BY w.id`, some)));
		}
		return found;
	}

	async active(limit: number, after = ''): Promise<readonly WorkflowRecord[]> {
		return await this.records(ACTIVE, [after, limit]);
	}

	async outlines(limit: number, after = ''): Promise<readonly WorkflowOutline[]> {
		const { database } = this;
		const rows = await database.read({
			sql: `SELECT w.id, w.name, w.settings, ${database.kindsOfNodes(NODES)} AS nodes
				FROM ${database.table('workflow_entity')} w
				LEFT JOIN ${database.table('workflow_history')} h ON h."versionId" = w."activeVersionId"
				WHERE ${ACTIVE}`,
			values: [after, limit],
		});
		return rows.map((row) => ({
			...this.identityOf(row),
			nodes: workflowNodesOf(this.database.jsonOf(row.nodes)).map(({ type, isDisabled }) => ({
				type,
				isDisabled,
			})),
		}));
	}

	private async records(
		condition: string,
		values: Statement['values'],
	): Promise<readonly WorkflowRecord[]> {
		const { database } = this;
		const rows = await database.read({
			sql: `SELECT w.id, w.name, w."activeVersionId", w.settings, ${database.millis('w."updatedAt"')} AS "updatedAt",
					${database.millis('p."updatedAt"')} AS "publishedAt",
					${NODES} AS nodes
				FROM ${database.table('workflow_entity')} w
				LEFT JOIN ${database.table('workflow_history')} h ON h."versionId" = w."activeVersionId"
				LEFT JOIN ${database.table('workflow_published_version')} p
					ON p."workflowId" = w.id AND p."publishedVersionId" = w."activeVersionId"
				WHERE ${condition}`,
			values,
		});
		const tags = await this.tagsOf(rows.map(({ id }) => String(id)));
		return rows.map((row) => this.recordOf(row, tags.get(String(row.id)) ?? []));
	}

	private async tagsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
		const tags = new Map<string, string[]>(ids.map((id) => [id, []]));
		if (ids.length === 0) return tags;
		const { database } = this;
		const rows = await database.read({
			sql: `SELECT m."workflowId", t.name FROM ${database.table('workflows_tags')} m
				JOIN ${database.table('tag_entity')} t ON t.id = m."tagId"
				WHERE m."workflowId" IN (${listOf(ids)}) ORDER BY t.name`,
			values: ids,
		});
		for (const { workflowId, name } of rows) tags.get(String(workflowId))?.push(String(name));
		return tags;
	}

	private recordOf(row: Row, tags: readonly string[]): WorkflowRecord {
		return {
			...this.identityOf(row),
			isActive: row.activeVersionId !== null,
			tags,
			nodes: workflowNodesOf(this.database.jsonOf(row.nodes)),
			updatedAt: Number(row.updatedAt),
			...(row.publishedAt !== null && { publishedAt: Number(row.publishedAt) }),
		};
	}

	private identityOf(row: Row): Omit<WorkflowOutline, 'nodes'> {
		return {
			id: String(row.id),
			name: String(row.name),
			settings: (this.database.jsonOf(row.settings) ?? {}) as WorkflowOutline['settings'],
		};
	}
}
