import type { N8nClocks } from '../../clocks';
import { WorkerCensus } from '../../health';
import { LastUsed } from '../../last-used';
import { sleep } from '../../pipeline';
import type { Clock } from '../../ports';
import type {
	ExecutionProgress,
	ExecutionRow,
	ExecutionView,
	QueuedJob,
	WorkflowView,
} from '../../ports/stack';
import { SharedWork } from '../../shared-work';
import {
	knownOf,
	modeOf,
	readFrom,
	type Reading,
	SourceUnavailableError,
	type StackSources,
	valueOf,
} from '../../stack';
import { candidateRows, findAll, MOST_ROWS, type Candidates } from './candidate-rows';
import { EndedData, MOST_READ } from './ended-data';
import { gapOf, type Gap } from './gap';
import { LatestRetries } from './latest-retries';
import { judgeExecution } from './judge-execution';
import type { Look, Sight } from './look';
import { lookAround } from './look-around';
import type { ConfirmedLoss, LostExecution } from './lost-execution';
import { mayBeLost } from './may-be-lost';
import type { RecoverySettings } from '../recovery-settings';
import { ParentExecutions } from './parent-executions';
import { Sightings } from './sightings';
import { withTheirParts } from './sub-executions';
import { UnreadExecutions } from './unread-executions';
import { UsualDurations } from './usual-durations';

/** So many executions are remembered whose job was seen. */
const MOST_REMEMBERED_JOBS = 100_000;

/** Below this an execution does not hang, in ms, so that nothing is asked about its workflow. */
const SOONEST_HANG_MS = 60_000;

/** What a scan found is told to others for so long, in ms: the next page of it, too. */
const SCAN_FRESH_MS = 2_000;

const MORE_ROWS: Gap = {
	source: 'database',
	why: `${MOST_ROWS} executions of a kind are looked at, the oldest first`,
	cannotKnow: 'whether newer ones are lost',
};

/** What a scan found. */
export interface LedgerReport {
	/** Ms since the epoch. */
	readonly at: number;
	/** By id, ascending. */
	readonly lost: readonly ConfirmedLoss[];
	/** Ids of those that seem lost, or may be, of which only a later look tells. */
	readonly unsure: readonly string[];
	readonly gaps: readonly Gap[];
	/** How many executions were looked at. */
	readonly lookedAt: number;
	/** Which way of running executions n8n was taken to have. */
	readonly mode: Look['mode'];
}

/** Everything that is known of one execution. */
export interface ExecutionAccount {
	readonly row: ExecutionRow;
	readonly job: QueuedJob | undefined;
	readonly progress: ExecutionProgress | undefined;
	/** Host id of the worker that says it runs it. */
	readonly reportedBy: string | undefined;
	/** Undefined where it is well, or nobody can say. */
	readonly lost: ConfirmedLoss | undefined;
	readonly gaps: readonly Gap[];
}

interface Judged {
	readonly at: number;
	readonly found: readonly LostExecution[];
	/** Ids of others that seemed lost, and whose rows have changed within the look, or of which it does not tell. */
	readonly untold: readonly string[];
	readonly sights: readonly Sight[];
	readonly look: Look | undefined;
	readonly gaps: readonly Gap[];
}

/**
 * Compares what the database says of executions with what the queue and the workers say, and names those that are lost.
 * Only looks. Every finding is made twice, some seconds apart.
 */
export class ExecutionLedger {
	private readonly sightings: Sightings;
	private readonly usual: UsualDurations;
	private readonly scanning: SharedWork<LedgerReport>;
	/** As they were at the look before. */
	private clocks: N8nClocks | undefined;
	/** Executions that were seen to have a job. */
	private readonly queued = new LastUsed<true>(MOST_REMEMBERED_JOBS);
	private readonly endedData: EndedData;
	private readonly retries = new LatestRetries();
	private readonly parents = new ParentExecutions();

	constructor(
		private readonly sources: StackSources,
		private readonly clock: Clock,
		private readonly settings: RecoverySettings,
		/** Best the one that all who look at these workers share. */
		private readonly census = new WorkerCensus(),
	) {
		this.sightings = new Sightings(settings.confirmAfterMs);
		this.usual = new UsualDurations(clock);
		this.endedData = new EndedData(clock);
		this.scanning = new SharedWork(
			async (signal) => await this.confirmed(async () => await this.candidates(), signal),
			SCAN_FRESH_MS,
			clock,
		);
	}

	/** Looks at all executions. Those who ask at the same time, or just after, share a scan. */
	async scan(signal?: AbortSignal): Promise<LedgerReport> {
		return await this.scanning.get(signal);
	}

	/** Looks at these executions only, and goes by nothing that was read of their retries before. */
	async scanOf(ids: readonly string[], signal?: AbortSignal): Promise<LedgerReport> {
		this.retries.forget(ids);
		return await this.confirmed(async () => await this.rowsOf(ids), signal);
	}

	/** One look without waiting for a second: what is believed already, by earlier ones. */
	async glance(signal?: AbortSignal): Promise<LedgerReport> {
		const judged = await this.judge(await this.candidates(), signal);
		const { confirmed } = this.note(judged);
		return this.reportOf([judged], confirmed);
	}

	/**
	 * All that is known of one execution.
	 * @returns undefined when there is none with this id.
	 * @throws {SourceUnavailableError} where the database does not say.
	 */
	async explain(id: string, signal?: AbortSignal): Promise<ExecutionAccount | undefined> {
		const report = await this.scanOf([id], signal);
		const read = await this.rowsOf([id]);
		if (!read.isKnown) {
			const why = `Nothing is known of executions without the ${read.source}: ${read.why}`;
			throw new SourceUnavailableError(read.source, why, read.remedy);
		}
		const [row] = read.value.rows;
		if (!row) return undefined;
		const { sights, look, gaps } = await this.judge(read, signal);
		const saved = await this.ask('database', this.executions, (view) => view.progressOf([id]));
		return {
			row,
			job: sights[0]?.job,
			progress: valueOf(saved)?.known.get(id),
			reportedBy: look?.mode === 'queue' ? look.reportedBy.get(id) : undefined,
			lost: report.lost[0],
			gaps,
		};
	}

	/**
	 * Id of the latest execution that tries this one again by now, by what the last look has read and what was made since.
	 * @throws {SourceUnavailableError} where the database does not say.
	 */
	async retryOf(row: ExecutionRow): Promise<string | undefined> {
		const latest = await this.ask('database', this.executions, (view) =>
			this.retries.of(view, [row]),
		);
		return knownOf(latest).get(row.id)?.id;
	}

	private async confirmed(
		read: () => Promise<Reading<Candidates>>,
		signal: AbortSignal | undefined,
	): Promise<LedgerReport> {
		const first = await this.judge(await read(), signal);
		const { confirmed, waitMs } = this.note(first);
		const known = new Set(confirmed.map(({ row }) => row.id));
		const unsure = first.found.flatMap(({ row }) => (known.has(row.id) ? [] : [row.id]));
		if (unsure.length === 0) return this.reportOf([first], confirmed);
		await sleep(this.clock, waitMs, signal);
		const second = await this.judge(await this.rowsOf(unsure), signal);
		return this.reportOf([first, second], [...confirmed, ...this.note(second).confirmed]);
	}

	private note({ sights, found, at }: Judged) {
		return this.sightings.note(
			sights.map(({ row }) => row.id),
			found,
			at,
		);
	}

	private reportOf(looks: readonly Judged[], confirmed: readonly ConfirmedLoss[]): LedgerReport {
		const [first] = looks as readonly [Judged, ...Judged[]];
		const last = looks.at(-1)!;
		const isConfirmed = new Set(confirmed.map(({ row }) => row.id));
		const seeming = [...last.found.map(({ row }) => row.id), ...last.untold];
		const gaps = new Map(
			looks.flatMap(({ gaps: some }) => some.map((gap) => [gap.cannotKnow, gap])),
		);
		return {
			at: first.at,
			lost: confirmed.toSorted((one, other) => byId(one.row, other.row)),
			unsure: seeming.filter((id) => !isConfirmed.has(id)),
			gaps: [...gaps.values()],
			lookedAt: first.sights.length,
			mode: modeOf(this.sources),
		};
	}

	private async candidates(): Promise<Reading<Candidates>> {
		return await this.ask('database', this.executions, async (view) =>
			candidateRows(view, this.clock.now(), this.settings, this.clocks),
		);
	}

	/** With those within which they run. */
	private async rowsOf(ids: readonly string[]): Promise<Reading<Candidates>> {
		return await this.ask('database', this.executions, async (view) => {
			const found = await findAll(view, ids);
			const all = await this.parents.withParents(view, found.rows);
			return { ...found, rows: all, asked: new Set(ids) };
		});
	}

	/** Judges rows by what is seen around them, all of which is read after them. */
	private async judge(read: Reading<Candidates>, signal: AbortSignal | undefined): Promise<Judged> {
		const at = this.clock.now();
		if (!read.isKnown) {
			const gap = gapOf(read, 'which executions there are, and so whether any is lost');
			return { at, found: [], untold: [], sights: [], look: undefined, gaps: [gap] };
		}
		const { rows, isWhole, asked } = read.value;
		const {
			look,
			jobs,
			gaps: around,
		} = await lookAround(rows, this.sources, this.settings, this.clock, this.census, signal);
		const gaps = isWhole ? around : [...around, MORE_ROWS];
		if (!look) return { at, found: [], untold: [], sights: [], look, gaps };
		this.clocks = look.clocks;
		const isAsked = ({ row }: Pick<Sight, 'row'>) => asked?.has(row.id) ?? true;
		const seen = await this.sightsOf(rows, jobs, at + look.clocks.any.least);
		const { unread } = seen;
		const sights = seen.sights.filter(isAsked);
		const wholes = seen.sights.flatMap((sight) => judgeExecution(sight, look, this.settings) ?? []);
		const suspects = withTheirParts(wholes, seen.sights, look).filter(isAsked);
		const still = await this.ask('database', this.executions, async (view) =>
			this.withRetries(view, await stillSo(view, suspects)),
		);
		signal?.throwIfAborted();
		const unseen = still.isKnown ? [] : [gapOf(still, 'whether what seemed lost is so')];
		const found = valueOf(still) ?? [];
		const foundIds = new Set(found.map(({ row }) => row.id));
		const untold = [...suspects, ...sights.filter((sight) => mayBeLost(sight, look))].flatMap(
			({ row }) => (foundIds.has(row.id) ? [] : [row.id]),
		);
		return { at: look.at, found, untold, sights, look, gaps: [...gaps, ...unread, ...unseen] };
	}

	private async sightsOf(
		rows: readonly ExecutionRow[],
		jobs: ReadonlyMap<string, QueuedJob>,
		now: number,
	): Promise<{ sights: readonly Sight[]; unread: readonly Gap[] }> {
		const long = rows.filter(
			({ status, startedAt }) =>
				status === 'running' && startedAt !== undefined && now - startedAt > SOONEST_HANG_MS,
		);
		const usual = await this.usual.of(long, this.executions, this.workflows);
		const unread = new UnreadExecutions();
		const progress = await this.endedData.of(rows.filter(hasEnded), this.executions, unread);
		const sights: Sight[] = [];
		for (const row of rows) {
			const job = jobs.get(row.id);
			if (job) this.queued.set(row.id, true);
			const wasQueued = this.queued.has(row.id);
			const sight: Sight = { row, job, wasQueued, ...usual.get(row.workflowId) };
			if (!hasEnded(row)) sights.push(sight);
			else if (progress.has(row.id)) sights.push({ ...sight, progress: progress.get(row.id) });
		}
		const withParents = await this.ask('database', this.executions, async (view) =>
			this.parents.addTo(view, sights, now),
		);
		return { sights: valueOf(withParents) ?? sights, unread: unread.gaps(MOST_READ) };
	}

	/** Tells of each who tries it again already. */
	private async withRetries(
		view: ExecutionView,
		lost: readonly LostExecution[],
	): Promise<readonly LostExecution[]> {
		const latest = await this.retries.of(
			view,
			lost.map(({ row }) => row),
		);
		return lost.map((one) => {
			const retry = latest.get(one.row.id);
			return retry ? { ...one, retriedBy: { id: retry.id, status: retry.status } } : one;
		});
	}

	private get executions(): ExecutionView | undefined {
		return this.sources.database?.executions;
	}

	private get workflows(): WorkflowView | undefined {
		return this.sources.database?.workflows;
	}

	private readonly ask = readFrom;
}

const hasEnded = ({ status }: ExecutionRow): boolean => status === 'error' || status === 'crashed';

/** Those whose rows are what they were before the queue was looked at. */
async function stillSo(
	view: ExecutionView,
	suspects: readonly LostExecution[],
): Promise<readonly LostExecution[]> {
	if (suspects.length === 0) return [];
	const again = await findAll(
		view,
		suspects.map(({ row }) => row.id),
	);
	const now = new Map(again.rows.map((row) => [row.id, row]));
	return suspects.filter(({ row }) => {
		const after = now.get(row.id);
		return (
			after?.status === row.status &&
			after.startedAt === row.startedAt &&
			after.stoppedAt === row.stoppedAt
		);
	});
}

const byId = (one: ExecutionRow, other: ExecutionRow): number =>
	one.id.length - other.id.length || (one.id < other.id ? -1 : 1);
