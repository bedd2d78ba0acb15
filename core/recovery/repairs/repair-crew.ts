import type { Principal } from '../../access';
import { sleep } from '../../pipeline';
import type { RecoveryRecord, RecoveryStep } from '../../ports';
import type {
	ExecutionRepair,
	ExecutionRow,
	N8nApi,
	QueueControl,
	QueueView,
} from '../../ports/stack';
import { NOT_CONFIGURED, NotRetriedError, SourceUnavailableError } from '../../stack';
import { fingerprintOf, type ExecutionLedger } from '../ledger';
import type { PlannedRepair, RecoveryParts } from './plan-repairs';
import { ENDS, isUnbegun } from './repair';

/** n8n takes 5 s and more to answer a retry, and within a minute it throws away what waits for one. */
const AT_ONCE = 10;

/** Before more are brought back after so long, all are looked at once more, in ms: people may do it themselves meanwhile. */
const LOOK_FRESH_MS = 5_000;

const CHANGED = 'its row has changed meanwhile';

/** What a repair goes by, and how its claims are told apart. */
export interface RepairCrewParts extends RecoveryParts {
	readonly ledger: ExecutionLedger;
	/** Makes ids that are unique for ever. */
	readonly newId: () => string;
}

/** What became of a planned repair. */
export interface RepairResult {
	readonly outcome: 'done' | 'failed' | 'left';
	readonly detail: string;
}

interface Claimed {
	readonly planned: PlannedRepair;
	readonly record: RecoveryRecord;
}

/**
 * Brings lost executions back, each once at most, however many replicas try at the same time. Each step is noted before
 * the next, so that what somebody has left half done can be gone on with.
 */
export class RepairCrew {
	constructor(private readonly parts: RepairCrewParts) {}

	/** @param onDone told of each, in no order. */
	async carryOut(
		planned: readonly PlannedRepair[],
		by: Principal,
		signal: AbortSignal,
		onDone: (one: PlannedRepair, result: RepairResult) => void,
	): Promise<void> {
		const claimed: Claimed[] = [];
		for (const one of planned) {
			if (one.repair.action === 'leave') {
				onDone(one, { outcome: 'left', detail: one.repair.reason });
				continue;
			}
			const record = await this.claim(one, by);
			if (record) claimed.push({ planned: one, record });
			else onDone(one, { outcome: 'left', detail: 'another is at it, or was' });
		}
		const settling = claimed.filter((one) => this.settledInMs(one) > 0);
		const ready = claimed.filter((one) => !settling.includes(one));
		await this.carryOutClaimed(ready, signal, onDone);
		if (settling.length === 0) return;
		const waitMs = Math.max(...settling.map((one) => this.settledInMs(one)));
		// What is cancelled in the meantime is handed back below.
		await sleep(this.parts.clock, waitMs, signal).catch(() => undefined);
		await this.carryOutClaimed(settling, signal, onDone);
	}

	/** How long it must still be left alone, in ms: n8n may be about to mark one as failed that has no job. */
	private settledInMs({ planned: { lost, repair } }: Claimed): number {
		if (lost.job || repair.action !== 'enqueue again') return 0;
		if (lost.row.status === 'error' || lost.row.status === 'crashed') return 0;
		return lost.firstSeenAt + this.parts.settings.settleMs - this.parts.clock.now();
	}

	private async carryOutClaimed(
		claimed: readonly Claimed[],
		signal: AbortSignal,
		onDone: (one: PlannedRepair, result: RepairResult) => void,
	): Promise<void> {
		const { clock } = this.parts;
		let still: ReadonlySet<string> = new Set();
		let lookedAt = -Infinity;
		const carryOne = async (one: Claimed): Promise<void> => {
			const { lost } = one.planned;
			const problem = signal.aborted
				? 'cancelled'
				: still.has(fingerprintOf(lost))
					? undefined
					: 'what was found is not so any more';
			onDone(one.planned, problem ? await this.giveUp(one.record, problem) : await this.carry(one));
		};
		for (let from = 0; from < claimed.length; from += AT_ONCE) {
			if (!signal.aborted && clock.now() - lookedAt >= LOOK_FRESH_MS) {
				// Looked at once more now that no other replica touches them.
				still = await this.stillLost(claimed.slice(from), signal);
				lookedAt = clock.now();
			}
			const ended = await Promise.allSettled(claimed.slice(from, from + AT_ONCE).map(carryOne));
			for (const one of ended) if (one.status === 'rejected') throw one.reason;
		}
	}

	/** What is found now of those that are still lost. */
	private async stillLost(
		claimed: readonly Claimed[],
		signal: AbortSignal,
	): Promise<ReadonlySet<string>> {
		const ids = claimed.map(({ planned }) => planned.lost.row.id);
		const { lost } = await this.parts.ledger.scanOf(ids, signal);
		return new Set(lost.map(fingerprintOf));
	}

	private async carry(one: Claimed): Promise<RepairResult> {
		const { repair } = one.planned;
		try {
			if (repair.action === 'mark') return await this.mark(one, repair.as);
			if (repair.action === 'retry') return await this.retry(one);
			return await this.enqueue(one);
		} catch (error) {
			// The claim stays, with the last step that was done: another goes on when its lease is over.
			return { outcome: 'failed', detail: (error as Error).message };
		}
	}

	/** Undefined where another has it. */
	private async claim(
		{ lost, repair, record: seen }: PlannedRepair,
		by: Principal,
	): Promise<RecoveryRecord | undefined> {
		const { records, clock, newId } = this.parts;
		const isNext = seen !== undefined && ENDS.has(seen.step) && seen.step !== 'given up';
		const isGoingOn = seen !== undefined && !ENDS.has(seen.step);
		const isSameLoss = seen !== undefined && isUnbegun(seen, lost.row);
		const now = clock.now();
		const pool = lost.job?.pool ?? seen?.pool;
		const record: RecoveryRecord = {
			executionId: lost.row.id,
			workflowId: lost.row.workflowId,
			attempt: isNext ? seen.attempt + 1 : (seen?.attempt ?? 1),
			claimId: newId(),
			by,
			claimedAt: now,
			updatedAt: now,
			loss: isGoingOn || isSameLoss ? seen.loss : lost.loss,
			evidence: lost.evidence,
			action: repair.action as RecoveryRecord['action'],
			reason: repair.reason,
			step: isGoingOn ? seen.step : 'claimed',
			...(pool !== undefined && { pool }),
			...(isGoingOn && seen.jobId !== undefined && { jobId: seen.jobId }),
		};
		const isMine = await records.save(record, isNext ? undefined : seen?.claimId);
		return isMine ? record : undefined;
	}

	private async enqueue({ planned: { lost }, record }: Claimed): Promise<RepairResult> {
		const { row, job } = lost;
		const { executionId, workflowId, attempt, pool = '' } = record;
		let now = record;
		if (await this.queue.wasEnqueued({ executionId, attempt, pool })) {
			await this.note(now, 'enqueued');
			const detail = `attempt ${attempt} was enqueued before, by somebody who keeps other records`;
			return { outcome: 'left', detail };
		}
		const retriedBy = await this.retryOf(row);
		if (retriedBy !== undefined) return await this.giveUp(now, retriedBy);
		// Where a database is read that lags behind, it may have begun: nothing is changed of one that is still new.
		if (row.status === 'new' && !(await this.executions.renew(row)))
			return await this.giveUp(now, CHANGED);
		if (job) {
			// What is left of a dead worker's lock would keep others away until n8n gives the execution up.
			const removed = await this.queue.removeUnheld({ ...job, deadLock: job.lock });
			if (removed === 'held') return await this.giveUp(now, 'a worker has taken its job');
			if (removed === 'gone') return await this.giveUp(now, 'its job has moved on');
			now = await this.note(now, 'unqueued', { jobId: job.id });
		} else if ((await this.queue.jobsFor([row.id])).jobs.has(row.id)) {
			return await this.giveUp(now, 'it has a job again');
		}
		if (row.status !== 'new') {
			if (!(await this.executions.renew(row))) return await this.giveUp(now, CHANGED);
			now = await this.note(now, 'renewed');
		}
		const wanted = { executionId, workflowId, attempt, pool, jobId: now.jobId };
		const { jobId, isNew } = await this.queue.enqueue(wanted);
		await this.note(now, 'enqueued', { jobId });
		return isNew
			? { outcome: 'done', detail: `enqueued as job ${jobId}` }
			: { outcome: 'left', detail: `job ${jobId} was there before` };
	}

	private async retry({ planned: { lost }, record }: Claimed): Promise<RepairResult> {
		const retriedBy = await this.retryOf(lost.row);
		if (retriedBy !== undefined) return await this.giveUp(record, retriedBy);
		// Before n8n is asked: an answer that is lost must not lead to a second one.
		const now = await this.note(record, 'retried');
		const retriedAs = await this.api.retry(lost.row.id).catch(async (error: unknown) => {
			const begun = await this.begunRetry(lost.row);
			if (begun !== undefined) return begun;
			if (error instanceof NotRetriedError) await this.giveUp(now, error.message);
			throw error;
		});
		await this.note(now, 'retried', { retriedAs });
		return { outcome: 'done', detail: `retried as execution ${retriedAs}` };
	}

	/** In words, where somebody has begun to try it again since the last look. Before it has ended nobody can in n8n. */
	private async retryOf(row: ExecutionRow): Promise<string | undefined> {
		if (row.status !== 'error' && row.status !== 'crashed') return undefined;
		const id = await this.parts.ledger.retryOf(row);
		return id === undefined ? undefined : `execution ${id} tries it again`;
	}

	/** n8n's API does not show a retry that waits for a worker; none was there before it was asked for one. */
	private async begunRetry(row: ExecutionRow): Promise<string | undefined> {
		return await this.parts.ledger.retryOf(row).catch(() => undefined);
	}

	private async mark(
		{ planned: { lost }, record }: Claimed,
		as: 'success' | 'crashed',
	): Promise<RepairResult> {
		if (!(await this.executions.mark(lost.row, as))) return await this.giveUp(record, CHANGED);
		await this.note(record, 'marked', { detail: `as ${as}` });
		return { outcome: 'done', detail: `marked as ${as}` };
	}

	private async giveUp(record: RecoveryRecord, detail: string): Promise<RepairResult> {
		await this.note(record, 'given up', { detail });
		return { outcome: 'left', detail };
	}

	/** @throws when another has taken the attempt over: whoever was so slow must not go on. */
	private async note(
		record: RecoveryRecord,
		step: RecoveryStep,
		more: Partial<RecoveryRecord> = {},
	): Promise<RecoveryRecord> {
		const { records, clock } = this.parts;
		const noted = { ...record, ...more, step, updatedAt: clock.now() };
		if (await records.save(noted, record.claimId)) return noted;
		throw new Error('another has taken this repair over');
	}

	private get queue(): QueueView & QueueControl {
		const { queueMode } = this.parts.sources;
		if (queueMode) return queueMode.queue;
		throw missing('queue', 'Set "redis" where n8n runs in queue mode');
	}

	private get executions(): ExecutionRepair {
		const { database } = this.parts.sources;
		if (database) return database.executions;
		throw missing('database', 'Set "database"');
	}

	private get api(): N8nApi {
		const { api } = this.parts.sources;
		if (api) return api;
		throw missing('n8n api', 'Set "n8n.apiKey"');
	}
}

const missing = (source: 'queue' | 'database' | 'n8n api', remedy: string) =>
	new SourceUnavailableError(source, NOT_CONFIGURED, remedy);
