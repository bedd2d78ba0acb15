import type { Clock } from '../../../core/ports';
import type {
	ExecutedWorkflows,
	ExecutionPage,
	ExecutionProgress,
	ExecutionRates,
	ExecutionRepair,
	ExecutionRow,
	ExecutionStatus,
	ExecutionView,
	SavedProgress,
} from '../../../core/ports/stack';
import type { Database } from './database';
import { endedExecutions } from './ended-executions';
import { executedWorkflows } from './executed-workflows';
import { executionProgress } from './execution-progress';
import { executionRates } from './execution-rates';
import {
	executionColumns,
	executionRowOf,
	idValue,
	isExecutionId,
	listOf,
	pageOf,
} from './execution-rows';
import { retriesOfSome } from './retries';
import { countByStatus, executionsByStatus } from './executions-by-status';
import { triggerTimes } from './trigger-times';

type Seen = Pick<ExecutionRow, 'id' | 'status' | 'startedAt'>;

/** Databases take only so many values in one statement. */
const IDS_A_STATEMENT = 1_000;

function* byStatement<T>(all: readonly T[]): Generator<readonly T[]> {
	for (let from = 0; from < all.length; from += IDS_A_STATEMENT)
		yield all.slice(from, from + IDS_A_STATEMENT);
}

/** Each once, and nothing that is nobody's. */
const idsOf = (ids: readonly string[]): readonly string[] => [
	...new Set(ids.filter(isExecutionId)),
];

/** n8n's table of executions. */
export class N8nExecutions implements ExecutionView, ExecutionRepair {
	constructor(
		private readonly database: Database,
		private readonly clock: Clock,
	) {}

	async withStatus(
		statuses: readonly ExecutionStatus[],
		limit: number,
		after = '0',
	): Promise<ExecutionPage> {
		const rows = await executionsByStatus(this.database, statuses, limit, Number(after));
		return pageOf(rows, limit, ({ id }) => id);
	}

	async endedSince(
		since: number,
		statuses: readonly ExecutionStatus[],
		limit: number,
		after?: string,
	): Promise<ExecutionPage> {
		return await endedExecutions(this.database, since, statuses, limit, after);
	}

	async find(ids: readonly string[]): Promise<readonly ExecutionRow[]> {
		const found: ExecutionRow[] = [];
		for (const some of byStatement(idsOf(ids))) found.push(...(await this.findSome(some)));
		return found;
	}

	async retriesOf(
		executions: ReadonlyArray<Pick<ExecutionRow, 'id' | 'workflowId'>>,
		after = '0',
	): Promise<readonly ExecutionRow[]> {
		const known = executions.filter(({ id }) => isExecutionId(id));
		const found: ExecutionRow[] = [];
		for (const some of byStatement(known))
			found.push(...(await retriesOfSome(this.database, some, Number(after))));
		return found;
	}

	async newestId(): Promise<string> {
		const [row] = await this.database.read({
			sql: `SELECT COALESCE(MAX(id), 0) AS id FROM ${this.table}`,
			values: [],
		});
		return String(row!.id);
	}

	async calledAfter(
		id: string,
		workflowId: string,
		limit: number,
	): Promise<readonly ExecutionRow[]> {
		const rows = await this.database.read({
			sql: `SELECT ${executionColumns(this.database)} FROM ${this.table} e
				WHERE e.id > ${idValue} AND e."workflowId" = ? AND e.mode = 'webhook' AND ${this.database.isKept}
				ORDER BY e.id LIMIT ?`,
			values: [id, workflowId, limit],
		});
		return rows.map(executionRowOf);
	}

	async unfinishedCounts() {
		return await countByStatus(this.database, ['new', 'running', 'waiting']);
	}

	async rates(windowMs: number, now = this.clock.now()): Promise<ExecutionRates> {
		return await executionRates(this.database, windowMs, now);
	}

	async progressOf(executionIds: readonly string[]): Promise<SavedProgress> {
		const known = new Map<string, ExecutionProgress>();
		const unread = new Map<string, string>();
		for (const ids of byStatement(idsOf(executionIds))) {
			const some = await executionProgress(this.database, ids);
			for (const [id, progress] of some.known) known.set(id, progress);
			for (const [id, why] of some.unread) unread.set(id, why);
		}
		return { known, unread };
	}

	async *executedWorkflows(executionIds: readonly string[]): AsyncGenerator<ExecutedWorkflows> {
		for (const ids of byStatement(idsOf(executionIds)))
			yield* executedWorkflows(this.database, ids);
	}

	async triggeredAt(workflowId: string, since: number, limit: number): Promise<readonly number[]> {
		return await triggerTimes(this.database, workflowId, since, limit);
	}

	async renew(seen: Seen): Promise<boolean> {
		return await this.change(
			seen,
			`status = 'new', finished = false, "startedAt" = NULL, "stoppedAt" = NULL, "waitTill" = NULL`,
			[],
		);
	}

	async mark(seen: Seen, status: 'crashed' | 'success' | 'canceled'): Promise<boolean> {
		return await this.change(
			seen,
			`status = ?, finished = ${status === 'success'}, "stoppedAt" = COALESCE("stoppedAt", ?), "waitTill" = NULL`,
			[status, this.database.timeValue(this.clock.now())],
		);
	}

	private get table(): string {
		return this.database.table('execution_entity');
	}

	private async findSome(ids: readonly string[]): Promise<readonly ExecutionRow[]> {
		const rows = await this.database.read({
			sql: `SELECT ${executionColumns(this.database)} FROM ${this.table} e
				WHERE e.id IN (${listOf(ids, idValue)}) AND ${this.database.isKept} ORDER BY e.id`,
			values: ids,
		});
		return rows.map(executionRowOf);
	}

	/** Whoever changed the row since it was seen, of n8n or of us, has won. */
	private async change(seen: Seen, to: string, values: readonly unknown[]): Promise<boolean> {
		if (!isExecutionId(seen.id)) return false;
		const changed = await this.database.write({
			sql: `UPDATE ${this.table} SET ${to}
				WHERE id = ${idValue} AND status = ? AND "startedAt" IS NOT DISTINCT FROM ? AND "deletedAt" IS NULL`,
			values: [
				...values,
				seen.id,
				seen.status,
				seen.startedAt === undefined ? null : this.database.timeValue(seen.startedAt),
			],
		});
		return changed === 1;
	}
}
