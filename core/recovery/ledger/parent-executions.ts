import { LastUsed } from '../../last-used';
import type { ExecutionProgress, ExecutionRow, ExecutionView, ParentLink } from '../../ports/stack';
import { findAll } from './candidate-rows';
import { SUB_EXECUTION } from '../execution-modes';
import type { Sight } from './look';
import type { ParentExecution } from './lost-execution';

/** So many executions are remembered, and by whom they were begun. */
const MOST_REMEMBERED = 100_000;

/** Most of which one look reads who has begun them: their data may be large. */
const MOST_READ = 100;

/** Those that have just begun are left alone, in ms: nearly all have ended before they would be of interest. */
const SETTLE_MS = 15_000;

/** Sub-workflows within each other that are followed up. */
const MOST_DEEP = 10;

type ParentView = Pick<ExecutionView, 'find' | 'progressOf'>;

/** Knows which execution has begun which, which no row says, but their saved data. */
export class ParentExecutions {
	private readonly links = new LastUsed<ParentLink | 'none'>(MOST_REMEMBERED);
	/** Those of which a node has run, by their saved data. */
	private readonly begun = new LastUsed<true>(MOST_REMEMBERED);

	/** These, and behind them those within which they run. */
	async withParents(
		view: ParentView,
		rows: readonly ExecutionRow[],
	): Promise<readonly ExecutionRow[]> {
		const all = new Map(rows.map((row) => [row.id, row]));
		let last = rows;
		for (let deep = 0; deep < MOST_DEEP && last.length > 0; deep++) {
			const links = await this.linksOf(view, last);
			last = await othersOf(view, links, all);
			for (const row of last) all.set(row.id, row);
		}
		return [...all.values()];
	}

	/**
	 * The same sights, with who has begun them. n8n makes none new again that has run: one that is was to be brought back,
	 * by a job. @param now by n8n's clocks.
	 */
	async addTo(view: ParentView, sights: readonly Sight[], now: number): Promise<readonly Sight[]> {
		for (const { row, progress } of sights) if (progress) this.note(row.id, progress);
		const seen = new Map(sights.map(({ row }) => [row.id, row]));
		const links = await this.linksOf(view, [...seen.values()], now - SETTLE_MS);
		for (const row of await othersOf(view, links, seen)) seen.set(row.id, row);
		return sights.map((sight) => {
			const { id, mode, status } = sight.row;
			const link = links.get(id);
			const isRenewed = mode === SUB_EXECUTION && status === 'new' && this.begun.has(id);
			return {
				...sight,
				...(link && { parent: parentOf(link, seen) }),
				...(isRenewed && { wasQueued: true }),
			};
		});
	}

	/** @param until of those that were made later it is not read, ms since the epoch. */
	private async linksOf(
		view: ParentView,
		rows: readonly ExecutionRow[],
		until = Infinity,
	): Promise<ReadonlyMap<string, ParentLink>> {
		const parts = rows.filter(({ mode }) => mode === SUB_EXECUTION);
		const unread = parts.filter(
			({ id, status, createdAt }) =>
				(status === 'running' || status === 'new') && createdAt <= until && !this.links.has(id),
		);
		if (unread.length > 0) {
			const ids = unread.slice(0, MOST_READ).map(({ id }) => id);
			for (const [id, progress] of (await view.progressOf(ids)).known) this.note(id, progress);
		}
		return new Map(
			parts.flatMap(({ id }) => {
				const link = this.links.get(id);
				return link && link !== 'none' ? [[id, link] as const] : [];
			}),
		);
	}

	private note(id: string, { parent, lastNode }: ExecutionProgress): void {
		if (lastNode !== undefined) this.begun.set(id, true);
		// n8n throws that away, too, when it marks one as failed that has stalled.
		if (parent || !this.links.has(id)) this.links.set(id, parent ?? 'none');
	}
}

/** Those that have begun others, and that are not known. */
async function othersOf(
	view: ParentView,
	links: ReadonlyMap<string, ParentLink>,
	known: ReadonlyMap<string, ExecutionRow>,
): Promise<readonly ExecutionRow[]> {
	const ids = new Set([...links.values()].map(({ executionId }) => executionId));
	return (
		await findAll(
			view,
			[...ids].filter((id) => !known.has(id)),
		)
	).rows;
}

const parentOf = (
	{ executionId, isAwaiting }: ParentLink,
	rows: ReadonlyMap<string, ExecutionRow>,
): ParentExecution => ({ id: executionId, isAwaiting, row: rows.get(executionId) });
