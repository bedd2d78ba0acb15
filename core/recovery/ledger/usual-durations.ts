import type { Clock } from '../../ports';
import type { ExecutionRow, ExecutionView, WorkflowView } from '../../ports/stack';
import { readFrom, valueOf } from '../../stack';

/** What was found is gone by for so long, in ms. */
const FRESH_MS = 60_000;

/** So far back, and so many executions, tell what is usual. */
const WINDOW_MS = 24 * 3_600_000;
const MOST_ROWS = 1_000;

/** Fewer of a workflow tell nothing. */
const FEWEST_RUNS = 20;

/** How long executions of a workflow may take, and usually take. */
export interface Durations {
	/** Its own time limit, in ms; 0 where it has none. */
	readonly timeoutMs: number;
	/** 95 % take no longer, in ms; undefined where too few are known. */
	readonly usualMs?: number;
}

/** Finds out how long executions of workflows take, by what they took lately. */
export class UsualDurations {
	private lately: { readonly at: number; readonly p95: ReadonlyMap<string, number> } | undefined;

	constructor(private readonly clock: Clock) {}

	/** Of the workflows of these executions, as far as their source answers. Asks nothing where there are none. */
	async of(
		rows: readonly ExecutionRow[],
		executions: ExecutionView | undefined,
		workflows: WorkflowView | undefined,
	): Promise<ReadonlyMap<string, Durations>> {
		const ids = [...new Set(rows.map(({ workflowId }) => workflowId))].slice(0, MOST_ROWS);
		if (ids.length === 0) return new Map();
		const found = await readFrom('database', workflows, async (view) => await view.find(ids));
		const p95 = await this.p95(executions);
		const known = valueOf(found) ?? [];
		return new Map(
			known.map(({ id, settings }) => [
				id,
				{ timeoutMs: timeoutOf(settings.executionTimeout), usualMs: p95.get(id) },
			]),
		);
	}

	private async p95(executions: ExecutionView | undefined): Promise<ReadonlyMap<string, number>> {
		const at = this.clock.now();
		if (this.lately && at - this.lately.at < FRESH_MS) return this.lately.p95;
		const read = await readFrom('database', executions, async (view) =>
			view.endedSince(at - WINDOW_MS, ['success'], MOST_ROWS),
		);
		const p95 = read.isKnown ? p95ByWorkflow(read.value.rows) : new Map<string, number>();
		this.lately = { at, p95 };
		return p95;
	}
}

/** n8n counts in seconds; below 1 there is no limit. */
const timeoutOf = (seconds: unknown): number =>
	typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 0;

function p95ByWorkflow(rows: readonly ExecutionRow[]): ReadonlyMap<string, number> {
	const byWorkflow = Map.groupBy(
		rows.filter(({ startedAt, stoppedAt }) => startedAt !== undefined && stoppedAt !== undefined),
		({ workflowId }) => workflowId,
	);
	const usual = new Map<string, number>();
	for (const [workflowId, runs] of byWorkflow) {
		if (runs.length < FEWEST_RUNS) continue;
		const durations = runs
			.map(({ startedAt, stoppedAt }) => stoppedAt! - startedAt!)
			.sort((one, other) => one - other);
		usual.set(workflowId, durations[Math.ceil(0.95 * durations.length) - 1]!);
	}
	return usual;
}
