import { LastUsed } from '../../last-used';
import type { ExecutionRow, ExecutionView } from '../../ports/stack';
import { findAll, MOST_ROWS } from './candidate-rows';

/** Ids are given before rows can be seen, so that one may show up behind so many others. */
const LATEST_BEHIND = 1_000;

/** More than one look finds lost, of three kinds of rows. */
const MOST_REMEMBERED = 4 * MOST_ROWS;

/** What is known of the retries of one execution. */
interface Asked {
	/** Retries have been asked for that are not newer than the execution with this id. */
	readonly upTo: number;
	/** Id of the latest one. */
	readonly latest?: string;
}

/**
 * Finds the latest execution that tries each of some again, or has tried. There is no index of that, so all newer ones of a
 * workflow must be read: once, and then only those that were made since.
 */
export class LatestRetries {
	private readonly asked = new LastUsed<Asked>(MOST_REMEMBERED);

	/** By the id of what they try again. */
	async of(
		view: Pick<ExecutionView, 'newestId' | 'find' | 'retriesOf'>,
		executions: readonly ExecutionRow[],
	): Promise<ReadonlyMap<string, ExecutionRow>> {
		if (executions.length === 0) return new Map();
		// Before anything is asked: what is made meanwhile is asked for the next time.
		const newest = Number(await view.newestId());
		const latest = await this.stillThere(view, executions);
		const since = ({ id }: ExecutionRow): string | undefined => {
			const upTo = this.asked.get(id)?.upTo;
			// Else the database is an older one, which may give ids again.
			const isKnown = upTo !== undefined && upTo <= newest;
			return isKnown ? `${upTo - LATEST_BEHIND}` : undefined;
		};
		for (const [after, some] of Map.groupBy(executions, since))
			for (const retry of await view.retriesOf(some, after)) {
				const id = retry.retryOf!;
				if (Number(retry.id) > Number(latest.get(id)?.id ?? 0)) latest.set(id, retry);
			}
		for (const { id } of executions)
			this.asked.set(id, { upTo: newest, latest: latest.get(id)?.id });
		return latest;
	}

	/** Lets all be asked for anew, as before something is done about it. */
	forget(executionIds: readonly string[]): void {
		for (const id of executionIds) this.asked.delete(id);
	}

	/** As they are now. Where one is gone, an earlier one is the latest. */
	private async stillThere(
		view: Pick<ExecutionView, 'find'>,
		executions: readonly ExecutionRow[],
	): Promise<Map<string, ExecutionRow>> {
		const known = executions.flatMap(({ id }) => {
			const latest = this.asked.get(id)?.latest;
			return latest === undefined ? [] : [[id, latest] as const];
		});
		if (known.length === 0) return new Map();
		const found = await findAll(
			view,
			known.map(([, latest]) => latest),
		);
		const rows = new Map(found.rows.map((row) => [row.id, row]));
		const there = new Map<string, ExecutionRow>();
		for (const [id, latest] of known) {
			const row = rows.get(latest);
			if (row?.retryOf === id) there.set(id, row);
			else this.asked.delete(id);
		}
		return there;
	}
}
