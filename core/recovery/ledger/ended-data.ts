import { LastUsed } from '../../last-used';
import type { Clock } from '../../ports';
import type { ExecutionProgress, ExecutionRow, ExecutionView } from '../../ports/stack';
import { readFrom, valueOf } from '../../stack';
import { MOST_ROWS } from './candidate-rows';
import { hasFailedUnsaid } from './may-be-lost';
import type { UnreadExecutions } from './unread-executions';

/** So many executions are remembered whose saved data was read: more than one look takes in. */
const MOST_REMEMBERED = MOST_ROWS + 10_000;

/** Most rows that have ended whose saved data one look reads: it may be large. */
export const MOST_READ = 500;

/** Data that could not be read may be as large as is read at all: it is not read again for so long, in ms. */
const READ_AGAIN_MS = 3_600_000;

/** And of so many executions at most at a look. */
const MOST_READ_AGAIN = 10;

/** Why the saved data of an execution could not be read, and when that was tried, in ms since the epoch. */
interface Unreadable {
	readonly why: string;
	readonly at: number;
}

/** Saved data of executions that have ended, each of which is read once. */
export class EndedData {
	/** Of executions that have ended, by how: their data changes no more until n8n finds that they have ended otherwise. */
	private readonly progress = new LastUsed<ExecutionProgress>(MOST_REMEMBERED);
	/** Likewise, whose data could not be read. */
	private readonly unreadable = new LastUsed<Unreadable>(MOST_REMEMBERED);

	constructor(private readonly clock: Clock) {}

	/** What is read now of those that have ended, or was before; the others have to wait for the next look. */
	async of(
		ended: readonly ExecutionRow[],
		executions: ExecutionView | undefined,
		unread: UnreadExecutions,
	): Promise<ReadonlyMap<string, ExecutionProgress | undefined>> {
		const progress = await this.known(ended, executions, unread);
		for (const row of ended)
			if (hasFailedUnsaid({ row, progress: progress.get(row.id) })) unread.noteElsewhere(row.id);
		return progress;
	}

	private async known(
		ended: readonly ExecutionRow[],
		executions: ExecutionView | undefined,
		unread: UnreadExecutions,
	): Promise<ReadonlyMap<string, ExecutionProgress | undefined>> {
		const progress = new Map<string, ExecutionProgress | undefined>();
		const endOf = new Map(ended.map((row) => [row.id, endIn(row)]));
		for (const [id, end] of endOf)
			if (this.progress.has(end)) progress.set(id, this.progress.get(end));
		const at = this.clock.now();
		const isTried = (id: string): boolean => this.unreadable.has(endOf.get(id)!);
		const due = [...endOf.keys()].filter((id) => !progress.has(id));
		const untried = due.filter((id) => !isTried(id));
		const again = due
			.filter((id) => at - (this.unreadable.get(endOf.get(id)!)?.at ?? at) >= READ_AGAIN_MS)
			.slice(0, MOST_READ_AGAIN);
		const now = [...untried, ...again].slice(0, MOST_READ);
		const isRead = new Set(now);
		const left = due.filter((id) => !isRead.has(id));
		unread.leave(left.filter((id) => !isTried(id)).length);
		for (const id of left) {
			const before = this.unreadable.get(endOf.get(id)!);
			if (!before) continue;
			unread.note(id, before.why);
			progress.set(id, undefined);
		}
		if (now.length === 0) return progress;
		const read = await readFrom('database', executions, (view) => view.progressOf(now));
		for (const id of now) {
			const end = endOf.get(id)!;
			const why = read.isKnown ? read.value.unread.get(id) : read.why;
			if (why !== undefined) unread.note(id, why);
			if (why !== undefined && read.isKnown) this.unreadable.set(end, { why, at });
			const found = valueOf(read)?.known.get(id);
			if (found) {
				this.progress.set(end, found);
				this.unreadable.delete(end);
			}
			progress.set(id, found);
		}
		return progress;
	}
}

/** n8n may mark one as crashed, and a minute later as failed; and without an end each time that one crashes. */
const endIn = ({ id, status, startedAt, stoppedAt }: ExecutionRow): string =>
	`${id} ${status} ${startedAt} ${stoppedAt}`;
