import { isoTime } from '../../iso-time';
import { quoted } from '../../one-line';
import type { ExecutionRow, QueuedJob } from '../../ports/stack';
import { BY_COMMAND, SUB_EXECUTION, WITHOUT_JOB } from '../execution-modes';
import type { Look, QueueModeLook, RegularModeLook, Sight } from './look';
import type { Evidence, Loss, LostExecution } from './lost-execution';
import type { RecoverySettings } from '../recovery-settings';
import { beganAt, hasPaused, isRunning } from './running-row';
import { shownTimespan } from './shown-timespan';
import { isSettled, judgeSubExecution } from './sub-executions';

/** n8n writes such a year where an execution waits for something else than a time. */
const NO_TIME = Date.UTC(2900, 0, 1);

/** How much longer than usual an execution without a time limit may take, as a factor. */
const UNUSUAL = 10;

/** Shorter ones are not worth a word, in ms, however short they usually are. */
const SHORTEST_HANG_MS = 10 * 60_000;

/** What n8n 2.41 writes into the row of an execution whose job has stalled, and Bull into the job. */
const STALLED =
	/^(This execution failed to be processed too many times and will no longer retry\.|job stalled more than (maxStalledCount|allowable limit)$)/;

/** What n8n writes when it begins, into what another process of it had begun and not ended. */
const ENDED_WITH_N8N = /^Workflow did not finish, possible out-of-memory issue$/;

/**
 * Whether an execution is lost, by what was seen of it at one look; undefined where all is well, or nobody can say. Names
 * two sources at least. One look alone proves nothing: an execution may just have been on its way.
 */
export function judgeExecution(
	sight: Sight,
	look: Look,
	settings: RecoverySettings,
): LostExecution | undefined {
	if (look.mode === 'queue' && !sight.job && !look.isQueueWhole) return undefined;
	if (isSettled(sight)) return undefined;
	switch (sight.row.status) {
		case 'new':
			return look.mode === 'queue' ? judgeNew(sight, look, settings) : undefined;
		case 'running':
			return look.mode === 'queue'
				? judgeRunning(sight, look, settings)
				: judgeInOneProcess(sight, look, settings);
		case 'waiting':
			return judgeWaiting(sight, look, settings);
		case 'error':
			return judgeFailed(sight, look);
		case 'crashed':
			return judgeCrashed(sight, look, settings);
		case 'success':
		case 'canceled':
		case 'unknown':
			return undefined;
	}
}

function judgeNew(
	sight: Sight,
	look: QueueModeLook,
	settings: RecoverySettings,
): LostExecution | undefined {
	const { row, job } = sight;
	if (isWithoutJob(sight)) return undefined;
	if (look.reportedBy.has(row.id) || isHeld(job, look, settings)) return undefined;
	const waited: Evidence = {
		source: 'database',
		says: `row is new since ${isoTime(row.createdAt)}: no worker has begun it`,
	};
	if (!job) {
		if (earliestOf(look, 'any') - row.createdAt < settings.enqueueGraceMs) return undefined;
		const evidence = [waited, { source: 'queue', says: 'no job' } as const];
		// Who is silent may have taken it, before the job was taken away from him.
		const lost = found('never reached a worker', sight, evidence, !mayLive(look));
		return { ...lost, mayYetBeQueued: mayYetBeQueued(sight, look, settings) };
	}
	if (job.state !== 'active') return undefined;
	// Whoever has taken it may be about to begin, though his lock has run out.
	if (!mayLive(look))
		return found(
			'never reached a worker',
			sight,
			[waited, unheld(job, look), ...look.unseen.evidence],
			look.unseen.verdict === 'none',
		);
	return byZombie(sight, look, settings, waited);
}

function judgeRunning(
	sight: Sight,
	look: QueueModeLook,
	settings: RecoverySettings,
): LostExecution | undefined {
	const { row, job } = sight;
	const running = isRunning(row);
	const reporter = look.reportedBy.get(row.id);
	if (job && job.state !== 'active') return undefined;
	if (isHeld(job, look, settings)) return judgeLong(sight, look, settings, running, held(job!));
	if (reporter !== undefined) {
		const reported: Evidence = { source: 'workers', says: `${reporter} reports it` };
		const lives = judgeLong(sight, look, settings, running, reported);
		return lives ?? (job && byZombie(sight, look, settings, running, reported));
	}
	if (isWithoutJob(sight))
		return judgeSubExecution(sight, look, running) ?? judgeWithoutJob(sight, look, running);
	if (mayLive(look)) return byZombie(sight, look, settings, running, ...look.unseen.evidence);
	return found(
		'died with its worker',
		sight,
		[running, unheld(job, look), ...look.unseen.evidence],
		look.unseen.verdict === 'none',
	);
}

/**
 * Whether it runs within the process that began it. With OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS n8n gives those a job that are
 * run by hand, and always a sub-workflow with which it goes on after a wait.
 */
const isWithoutJob = ({ row, job, wasQueued }: Sight): boolean =>
	WITHOUT_JOB.has(row.mode) &&
	!job &&
	!wasQueued &&
	!(row.mode === SUB_EXECUTION && hasPaused(row));

/** What began before any process that lives now is run by none of them. */
function judgeWithoutJob(
	sight: Sight,
	{ unseen, oldestProcessStartedAt, clocks }: QueueModeLook,
	running: Evidence,
): LostExecution | undefined {
	if (oldestProcessStartedAt === undefined || hasPaused(sight.row)) return undefined;
	// By our clock, and as late as it can have been.
	const began = beganAt(sight.row) - clocks.any.least;
	if (began >= oldestProcessStartedAt) return undefined;
	if (unseen.verdict === 'cut off' || unseen.verdict === 'silent') return undefined;
	const processes: Evidence = {
		source: 'instance registry',
		says: `no process of n8n is older than ${isoTime(oldestProcessStartedAt)}`,
	};
	return found(
		'died with its worker',
		sight,
		[running, processes, ...unseen.evidence],
		unseen.verdict === 'none' && sight.row.mode !== BY_COMMAND,
	);
}

/** Who is connected may be late, being busy; only when a lock was not renewed twice something is wrong. */
function byZombie(
	sight: Sight,
	look: QueueModeLook,
	{ lockSlackMs }: RecoverySettings,
	...evidence: readonly Evidence[]
): LostExecution | undefined {
	const { job } = sight;
	const { lockDurationMs, lockRenewTimeMs } = look;
	const heldMs = job?.lock?.remainingMs ?? 0;
	const isSure = look.unseen.verdict === 'cut off';
	if (!isSure && heldMs >= lockDurationMs - 2 * lockRenewTimeMs - lockSlackMs) return undefined;
	return found('run by a zombie', sight, [...evidence, unheld(job, look)], false);
}

function judgeInOneProcess(
	sight: Sight,
	look: RegularModeLook,
	settings: RecoverySettings,
): LostExecution | undefined {
	// Whatever runs when n8n begins, n8n marks as crashed itself; what waits it goes on with.
	if (look.processStartedAt === undefined || hasPaused(sight.row)) return undefined;
	const running = isRunning(sight.row);
	const process = processBegan(look.processStartedAt);
	if (beganAt(sight.row) >= look.processStartedAt)
		return judgeLong(sight, look, settings, running, process);
	const isSurelyDead = hasNoOtherProcess(sight.row, look);
	return found('died with its worker', sight, [running, process], isSurelyDead);
}

function judgeLong(
	sight: Sight,
	look: Look,
	{ timeoutSlackMs, hangsAfterMs }: RecoverySettings,
	...evidence: readonly Evidence[]
): LostExecution | undefined {
	const { row, job, timeoutMs = 0, usualMs } = sight;
	const since = hasPaused(row) ? job?.takenAt : row.startedAt;
	if (since === undefined) return undefined;
	const forMs = earliestOf(look, 'any') - since;
	const usualLimitMs = Math.max(SHORTEST_HANG_MS, UNUSUAL * (usualMs ?? Infinity));
	const [limitMs, says] =
		timeoutMs > 0
			? [timeoutMs + timeoutSlackMs, `its time limit is ${shownTimespan(timeoutMs)}`]
			: usualLimitMs < hangsAfterMs
				? [usualLimitMs, `95 % of its workflow's take less than ${shownTimespan(usualMs!)}`]
				: [hangsAfterMs, `it runs for more than ${shownTimespan(hangsAfterMs)}`];
	if (forMs <= limitMs) return undefined;
	return found('hangs', sight, [...evidence, { source: 'database', says }], false);
}

function judgeWaiting(
	sight: Sight,
	look: Look,
	{ waitSlackMs }: RecoverySettings,
): LostExecution | undefined {
	const { row, job } = sight;
	const { waitTill } = row;
	if (waitTill === undefined || waitTill >= NO_TIME || job) return undefined;
	if (look.mode === 'queue' ? look.reportedBy.has(row.id) : look.isFull) return undefined;
	if (earliestOf(look, 'main') - waitTill <= waitSlackMs) return undefined;
	const evidence: Evidence[] = [
		{ source: 'database', says: `row waits until ${isoTime(waitTill)}, which is over` },
		look.mode === 'queue'
			? { source: 'queue', says: 'no job' }
			: { source: 'n8n metrics', says: 'n8n resumes waiting executions within a minute' },
	];
	const isSure = look.mode === 'queue' || look.isSure;
	return found('waits past its time', sight, evidence, isSure);
}

/** A job that was lost on its way to a worker, or with it: n8n says so in the row's error. */
function judgeFailed(sight: Sight, look: Look): LostExecution | undefined {
	const { row, job, progress } = sight;
	if (look.mode !== 'queue' || job || look.reportedBy.has(row.id)) return undefined;
	if (row.retrySuccessId !== undefined) return undefined;
	// Of what a node has failed with, n8n keeps which node that was; of what has stalled it keeps nothing.
	if (progress?.lastNode !== undefined) return undefined;
	if (!STALLED.test(progress?.failedBecause ?? '')) return undefined;
	const failed: Evidence = {
		source: 'database',
		says:
			row.startedAt === undefined
				? `row is error and has no start: ${progress!.failedBecause}`
				: `row is error: ${progress!.failedBecause}`,
	};
	const evidence = [failed, { source: 'queue', says: 'no job' } as const, ...look.unseen.evidence];
	if (mayLive(look)) return found('run by a zombie', sight, evidence, false);
	if (row.startedAt === undefined)
		return found('never started', sight, evidence, look.unseen.verdict === 'none');
	return found('died with its worker', sight, evidence, look.unseen.verdict === 'none');
}

function judgeCrashed(
	sight: Sight,
	look: Look,
	settings: RecoverySettings,
): LostExecution | undefined {
	const { row, job, progress } = sight;
	if (!progress || row.retrySuccessId !== undefined) return undefined;
	if (look.mode === 'queue') {
		if (look.reportedBy.has(row.id)) return undefined;
		// Of a worker that died with all others its job stays, until one comes that finds it stalled.
		if (job && (job.state !== 'active' || isHeld(job, look, settings))) return undefined;
	}
	const crashed: Evidence = {
		source: 'database',
		says:
			row.stoppedAt === undefined
				? 'row is crashed, and has no end'
				: `row is crashed since ${isoTime(row.stoppedAt)}`,
	};
	const saved = (says: string): Evidence => ({ source: 'saved data', says });
	if (progress.isSaved && progress.isComplete && !progress.hasError) {
		const { lastNode } = progress;
		const last = lastNode === undefined ? '' : `, the last of them ${quoted(lastNode)}`;
		const says = `all nodes have done their work${last}, without error`;
		return found('marked crashed though it succeeded', sight, [crashed, saved(says)], true);
	}
	const { isSaved, hasInput, isWithinStep = false } = progress;
	if (isSaved && !hasInput && !isWithinStep) return undefined;
	if (progress.hasError && !ENDED_WITH_N8N.test(progress.failedBecause ?? '')) return undefined;
	const unfinished = saved(
		isSaved
			? 'it has not come to its end'
			: 'it is kept out of the database, so that how far it came is not known',
	);
	if (look.mode === 'regular') return crashedWithN8n(sight, look, crashed, unfinished);
	const mayRunYet = mayRunWithoutWorker(sight, look);
	// Its leading main marks so, each time that it begins and every few hours, whatever runs and has no job.
	const isWithout = row.mode === SUB_EXECUTION && !job && !sight.wasQueued;
	if (isWithout && !progress.hasError && mayRunYet) return judgeSubExecution(sight, look, crashed);
	const evidence = [crashed, unfinished, unheld(job, look), ...look.unseen.evidence];
	if (mayLive(look)) return found('run by a zombie', sight, evidence, false);
	const isSurelyDead = look.unseen.verdict === 'none' && !mayRunYet;
	const loss = row.startedAt === undefined ? 'never reached a worker' : 'died with its worker';
	return {
		...found(loss, sight, evidence, isSurelyDead),
		mayRunWithoutWorker: mayRunYet,
		mayYetBeQueued: row.startedAt === undefined && mayYetBeQueued(sight, look, settings),
	};
}

/**
 * Who made it may hang on a connection to Redis that is dead, or be paused, and go on later where it was; and that others
 * were started since says nothing of him, who may be in no list any more.
 */
function mayYetBeQueued(
	{ row, wasQueued }: Sight,
	look: QueueModeLook,
	{ unqueuedSettleMs }: RecoverySettings,
): boolean {
	return !wasQueued && earliestOf(look, 'any') - row.createdAt < unqueuedSettleMs;
}

/**
 * Of several mains each runs by itself what needs no worker, and marks as crashed what the others run, as a single one does
 * every few hours with what it runs itself. It goes on by itself, too, with what was run by hand and has waited, however
 * long before the process began that was; the mark takes the place of the time of the pause, so that nothing tells.
 */
function mayRunWithoutWorker(
	{ row, job }: Sight,
	{ oldestProcessStartedAt = -Infinity, clocks }: QueueModeLook,
): boolean {
	if (row.mode === BY_COMMAND) return true;
	if (!WITHOUT_JOB.has(row.mode)) return false;
	if (row.mode !== SUB_EXECUTION && !job) return true;
	return beganAt(row) - clocks.any.least >= oldestProcessStartedAt;
}

/** When n8n begins in regular mode, it marks as crashed whatever counts as running. */
function crashedWithN8n(
	sight: Sight,
	look: RegularModeLook,
	...evidence: readonly Evidence[]
): LostExecution {
	const { processStartedAt } = look;
	if (processStartedAt === undefined || beganAt(sight.row) >= processStartedAt)
		return found('died with its worker', sight, evidence, false);
	const all = [...evidence, processBegan(processStartedAt)];
	return found('died with its worker', sight, all, hasNoOtherProcess(sight.row, look));
}

const hasNoOtherProcess = (
	{ mode }: ExecutionRow,
	{ isSure, mayOverlap }: RegularModeLook,
): boolean => isSure && !mayOverlap && mode !== BY_COMMAND;

const found = (
	loss: Loss,
	{ row, job, parent }: Sight,
	evidence: readonly Evidence[],
	isSurelyDead: boolean,
): LostExecution => ({ loss, row, job, parent, evidence, isSurelyDead });

/** Whether somebody renews the job's lock: it is renewed every so often, and so never runs far down. */
function isHeld(
	job: QueuedJob | undefined,
	{ lockDurationMs, lockRenewTimeMs }: QueueModeLook,
	{ lockSlackMs }: RecoverySettings,
): boolean {
	if (!job?.lock) return false;
	return job.lock.remainingMs >= lockDurationMs - lockRenewTimeMs - lockSlackMs;
}

const mayLive = ({ unseen }: QueueModeLook): boolean =>
	unseen.verdict === 'cut off' || unseen.verdict === 'silent';

/** What time it is at least by n8n's clocks, so that nothing is called late by a clock that only goes ahead of theirs. */
const earliestOf = ({ at, clocks }: Look, whose: 'main' | 'any'): number =>
	at + clocks[whose].least;

const processBegan = (processStartedAt: number): Evidence => ({
	source: 'n8n metrics',
	says: `n8n's process began at ${isoTime(processStartedAt)}`,
});

const held = ({ id }: QueuedJob): Evidence => ({
	source: 'queue',
	says: `job ${id} is held by a worker that renews its lock`,
});

function unheld(
	job: QueuedJob | undefined,
	{ lockDurationMs, lockRenewTimeMs }: QueueModeLook,
): Evidence {
	if (!job) return { source: 'queue', says: 'no job' };
	if (!job.lock) return { source: 'queue', says: `job ${job.id} is active, and nobody holds it` };
	const forMs = lockDurationMs - job.lock.remainingMs;
	const due = shownTimespan(lockRenewTimeMs);
	return {
		source: 'queue',
		says: `the lock of job ${job.id} was not renewed for ${shownTimespan(forMs)}, where every ${due} is due`,
	};
}
