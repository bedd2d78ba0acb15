import { isoTime } from '../../iso-time';
import type { RecoveryRecord, RecoveryStep } from '../../ports';
import type { ExecutionProgress, ExecutionRow } from '../../ports/stack';
import type { StackMode } from '../../stack';
import { BY_COMMAND, SUB_EXECUTION, WITHOUT_JOB } from '../execution-modes';
import { leftToParent, type ConfirmedLoss, type Loss } from '../ledger';
import type { RecoverySettings } from '../recovery-settings';
import type { RunAgain } from './run-again';

/** What to make of workers that cannot be told from dead ones. */
export const SILENT_WORKERS = ['may live', 'are dead'] as const;

/** What to do about executions that died and may not be run again. */
export const UNSAFE_CHOICES = ['leave', 'mark crashed'] as const;

/** What to make of retries of which n8n would keep nothing. */
export const UNSEEN_RETRIES = ['may be there', 'are none'] as const;

/** What is to be done about one lost execution, and why. */
export type Repair =
	| { readonly action: 'enqueue again' | 'retry'; readonly reason: string }
	| { readonly action: 'mark'; readonly as: 'success' | 'crashed'; readonly reason: string }
	| { readonly action: 'leave'; readonly reason: string };

/** What a repair follows from, apart from the loss itself. */
export interface RepairFacts {
	readonly runAgain: RunAgain;
	/** Undefined where its saved data cannot be read. */
	readonly progress: ExecutionProgress | undefined;
	/** Why it cannot. */
	readonly unreadBecause?: string;
	/** Its latest attempt. */
	readonly record: RecoveryRecord | undefined;
	/** Id of the execution that was brought back as this one. */
	readonly broughtBackOf: string | undefined;
	readonly mode: StackMode;
	/** Whether n8n's API can be asked to retry. */
	readonly canRetry: boolean;
	readonly silentWorkers: (typeof SILENT_WORKERS)[number];
	readonly unsafe: (typeof UNSAFE_CHOICES)[number];
	/** Default: may be there. */
	readonly unseenRetries?: (typeof UNSEEN_RETRIES)[number];
	/** Whether n8n keeps it when one of this workflow's succeeds; undefined where that is not known: it does by default. */
	readonly areSuccessesKept: boolean | undefined;
	/** Whether what is read of executions may lag behind what n8n writes. */
	readonly isReplica: boolean;
	/** Ms since the epoch. */
	readonly now: number;
}

/** How an attempt ends; from any other step it goes on. */
export const ENDS: ReadonlySet<RecoveryStep> = new Set([
	'enqueued',
	'retried',
	'marked',
	'given up',
]);

const leave = (reason: string): Repair => ({ action: 'leave', reason });

/** What may be done about a lost execution: nothing that could run its work twice without somebody having allowed it. */
export function repairOf(
	lost: ConfirmedLoss,
	facts: RepairFacts,
	settings: Pick<RecoverySettings, 'maxAttempts' | 'claimLeaseMs'>,
): Repair {
	const { record, now } = facts;
	if (!record) return wantedFor(lost, facts);
	// Its row says since that nobody has begun it, whatever was so before; only a zombie may be about to.
	const isAsBefore = isUnbegun(record, lost.row) && lost.loss !== 'run by a zombie';
	const known = isAsBefore ? { ...lost, loss: record.loss as Loss } : lost;
	if (!ENDS.has(record.step)) {
		if (now - record.updatedAt < settings.claimLeaseMs)
			return leave(`${record.by.name} is at it since ${isoTime(record.claimedAt)}`);
		const wanted = wantedFor(known, facts);
		if (wanted.action === 'leave') return wanted;
		const reason = `${record.by.name} began and came as far as "${record.step}"; ${wanted.reason}`;
		return { ...wanted, reason };
	}
	const { maxAttempts } = settings;
	const mayAttempt = maxAttempts + (wasMarkedWhileItWaited(record, lost.row) ? 1 : 0);
	if (record.step !== 'given up' && record.attempt >= mayAttempt)
		return leave(wasBroughtBack(lost, record, maxAttempts));
	return wantedFor(known, facts);
}

function wasBroughtBack(
	{ retriedBy }: ConfirmedLoss,
	{ step, attempt, retriedAs, updatedAt }: RecoveryRecord,
	maxAttempts: number,
): string {
	const at = isoTime(updatedAt);
	if (step === 'retried' && retriedAs === undefined && !retriedBy)
		return `n8n was asked to retry it at ${at}, its answer was lost, and nothing shows that it has: look in n8n, and retry it there`;
	return `it was brought back already, ${Math.min(attempt, maxAttempts)} of ${maxAttempts} times: ${step} at ${at}`;
}

/** Whether nobody has begun it since it was made new by this attempt: who begins one gives it a start. */
export const isUnbegun = ({ step }: RecoveryRecord, { startedAt }: ExecutionRow): boolean =>
	(step === 'renewed' || step === 'enqueued') && startedAt === undefined;

/**
 * A worker that comes back with its folder marks as crashed whatever it ran when it died, also what waits for another by
 * then, which does not begin it any more: an attempt that never began is made up for, by one more.
 */
const wasMarkedWhileItWaited = (record: RecoveryRecord, row: ExecutionRow): boolean =>
	record.step === 'enqueued' && row.status === 'crashed' && isUnbegun(record, row);

function wantedFor(lost: ConfirmedLoss, facts: RepairFacts): Repair {
	if (facts.isReplica) return leave(REPLICA);
	const { retriedBy } = lost;
	const leftTo = leftToParent(lost);
	if (retriedBy)
		return leave(`execution ${retriedBy.id} tries it again, and is ${retriedBy.status}`);
	switch (lost.loss) {
		case 'marked crashed though it succeeded':
			return {
				action: 'mark',
				as: 'success',
				reason: 'its saved data shows that it succeeded',
			};
		case 'hangs':
			return leave('somebody runs it; stop it in n8n if it is of no use any more');
		case 'run by a zombie':
			return leave(
				'a worker that lives may still run it, and it may yet succeed; heal or restart that worker first',
			);
		case 'waits past its time':
			if (facts.mode === 'regular') return leave(RESUMED_BY_MAIN);
			return isDead(lost, facts)
				? again('n8n has not resumed it, and goes on where it waits', lost, facts)
				: leave(MAY_LIVE);
		case 'never started':
		case 'never reached a worker':
			if (leftTo !== undefined) return leave(leftTo);
			if (isRenewedPart(lost, facts) && !facts.runAgain.isSafe)
				return leave(`${RENEWED_PART}, and ${facts.runAgain.because}`);
			if (mayYetBeQueued(lost, facts) && !facts.runAgain.isSafe) return leave(MAY_YET_BE_QUEUED);
			return isDead(lost, facts)
				? again('none of its nodes has run, so nothing is done twice', lost, facts)
				: leave(MAY_LIVE);
		case 'died with its worker':
			return repairOfDead(lost, facts);
	}
}

const isDead = ({ isSurelyDead }: ConfirmedLoss, { silentWorkers }: RepairFacts): boolean =>
	isSurelyDead || silentWorkers === 'are dead';

/** Whoever began to repair it may have seen the job that it had, and taken it away. */
const mayYetBeQueued = (lost: ConfirmedLoss, { record, silentWorkers }: RepairFacts): boolean =>
	lost.mayYetBeQueued === true && record?.pool === undefined && silentWorkers === 'may live';

/** n8n makes no sub-workflow new again that has begun; and what it has done since its data was saved nobody knows. */
const isRenewedPart = ({ row }: ConfirmedLoss, { progress }: RepairFacts): boolean =>
	row.mode === SUB_EXECUTION && progress?.lastNode !== undefined;

const RENEWED_PART = 'somebody began to bring it back, of which no record is left';

const RESUMED_BY_MAIN =
	'n8n resumes it when its main process is well and has room for it; to restart that ends what it runs';

const REPLICA =
	'the database that is read is a replica, which may not show yet how it went on: give the address of the server to which n8n itself writes';

const MAY_LIVE =
	'its worker cannot be told from one that is only cut off from Redis and still runs it: name the health checks of all workers ("workers" in the configuration, "Worker Health URLs" of a node), or plan with silentWorkers "are dead" when you know that';

const MAY_YET_BE_QUEUED =
	'the process of n8n that made it may hang, and add its job when it goes on: it can be brought back 16 min after it was made, or sooner when its workflow may run twice; or plan with silentWorkers "are dead" when you know that no process of n8n hangs';

const MAY_LIVE_BESIDE =
	'nothing says that no other process of n8n still runs it: set N8N_METRICS=true for n8n, "n8n.executionsMode": "regular" in the configuration where the database is not SQLite, and wait until its process runs for 5 min, since the one before may still be ending, as in a rolling update; or plan with silentWorkers "are dead" when you know that';

const MAY_LIVE_BY_COMMAND =
	'a process of `n8n execute` may still run it, which is in no list: plan with silentWorkers "are dead" when you know that it has ended';

const MAY_LIVE_WITHOUT_JOB =
	'a process of n8n may still run it without a job, as its main one goes on with what was run by hand and has waited; n8n marks that as crashed, whoever runs it: plan with silentWorkers "are dead" when you know that none does';

function mayLiveAs({ row, mayRunWithoutWorker }: ConfirmedLoss, stack: StackMode): string {
	if (row.mode === BY_COMMAND) return MAY_LIVE_BY_COMMAND;
	if (mayRunWithoutWorker) return MAY_LIVE_WITHOUT_JOB;
	return stack === 'queue' ? MAY_LIVE : MAY_LIVE_BESIDE;
}

function repairOfDead(lost: ConfirmedLoss, facts: RepairFacts): Repair {
	if (facts.broughtBackOf !== undefined)
		return leave(
			`it is what execution ${facts.broughtBackOf} was brought back as, which is done once`,
		);
	const leftTo = leftToParent(lost);
	if (leftTo !== undefined && facts.unsafe === 'leave') return leave(leftTo);
	if (!isDead(lost, facts)) return leave(mayLiveAs(lost, facts.mode));
	const { isSafe, because } =
		leftTo === undefined ? facts.runAgain : { isSafe: false, because: leftTo };
	if (isSafe) return again(because, lost, facts);
	if (facts.unsafe === 'mark crashed' && lost.row.status === 'running')
		return { action: 'mark', as: 'crashed', reason: because };
	return leave(because);
}

function again(reason: string, lost: ConfirmedLoss, facts: RepairFacts): Repair {
	const missing = problemWithData(lost.row, facts);
	if (missing) return leave(missing);
	// What n8n has noted in its data when it marked it as crashed would make a failure of any success.
	const isEnqueued = facts.mode === 'queue' && !facts.progress?.hasError;
	if (!isEnqueued && !facts.canRetry)
		return leave('it can be retried by n8n, whose API key is not configured ("n8n.apiKey")');
	if (mayHaveSucceeded(lost, facts)) return leave(MAY_HAVE_SUCCEEDED);
	return { action: isEnqueued ? 'enqueue again' : 'retry', reason };
}

/** Somebody may have tried one again that has ended, by n8n itself, and n8n may keep nothing of that. */
const mayHaveSucceeded = (
	{ row }: ConfirmedLoss,
	{ areSuccessesKept, unseenRetries }: RepairFacts,
): boolean =>
	(row.status === 'crashed' || row.status === 'error') &&
	areSuccessesKept === false &&
	unseenRetries !== 'are none';

const MAY_HAVE_SUCCEEDED =
	'somebody may have tried it again with success, of which nothing is left where executions that succeed are not kept (EXECUTIONS_DATA_SAVE_ON_SUCCESS, or its workflow): plan with unseenRetries "are none" when you know that nobody has';

const WITHIN_STEP =
	'n8n has saved it while a step was under way that uses others, such as a chat model, and would leave that step out; call its trigger again';

function problemWithData(
	{ status, mode }: ExecutionRow,
	{ progress, unreadBecause = 'it is not there' }: RepairFacts,
): string | undefined {
	if (!progress) return `its saved data cannot be read: ${unreadBecause}`;
	if (progress.isWithinStep) return WITHIN_STEP;
	if (progress.hasInput) return undefined;
	// One that never began has all that it was made with; n8n itself lets nobody retry it.
	if (!progress.isSaved && status === 'new' && !WITHOUT_JOB.has(mode)) return undefined;
	if (!progress.isSaved)
		return 'its data is not in the database, where alone it can be looked at; retry it in n8n';
	return status === 'running' || status === 'new'
		? 'its data does not say what it would go on with, which n8n keeps of none that is run by hand; run it again in n8n'
		: 'n8n has thrown away what it would go on with, when it marked it as failed; call its trigger again';
}
