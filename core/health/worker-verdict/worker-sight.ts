import type { OwnedClients, QueuedJob, RedisClient, WorkerStatus } from '../../ports/stack';
import { clientKey, poolTakenFrom } from './job-taker';
import type { WorkerRecord } from './worker-record';
import type { WorkersLook } from './workers-look';

/** Which connection a worker takes jobs by. */
export type TakerSight =
	| { readonly kind: 'seen'; readonly client: RedisClient }
	/** All of the worker's connections are known, and there is none. */
	| { readonly kind: 'missing' }
	/** Nobody knows whose connections are whose. */
	| { readonly kind: 'not told apart' }
	/** Redis did not say which connections there are. */
	| { readonly kind: 'not known' };

/** All that one look shows of one worker. */
export interface WorkerSight {
	readonly record: WorkerRecord;
	readonly pool: string;
	/** Undefined where it did not answer. */
	readonly answer?: WorkerStatus;
	readonly taker: TakerSight;
	/** Fewest and most slots that may be busy; undefined where neither jobs nor answers are known. */
	readonly busy?: { readonly least: number; readonly most: number };
	/** It holds a job that it did not hold at any look before. */
	readonly tookJob: boolean;
}

/** What one look shows of each worker, joined by host, by lock and by connection. */
export function sightsOf(
	look: WorkersLook,
	records: readonly WorkerRecord[],
	answers: ReadonlyMap<WorkerRecord, WorkerStatus>,
): readonly WorkerSight[] {
	const jobs = look.jobs.isKnown && look.jobs.value.isWhole ? look.jobs.value.jobs : undefined;
	if (jobs) learnLockOwners(answers, jobs);
	const known = new Set(records.map(({ lockOwner }) => lockOwner));
	const strange = (pool: string) =>
		(jobs ?? []).filter((job) => job.pool === pool && !known.has(job.lock?.owner));
	return records.map((record) => {
		const answer = answers.get(record);
		const { pool } = record;
		const held = jobs?.filter((job) => job.lock && job.lock.owner === record.lockOwner) ?? [];
		const running = answer?.running.length;
		return {
			record,
			pool,
			answer,
			taker: takerOf(look, record, pool),
			busy:
				jobs === undefined || (running === undefined && record.lockOwner === undefined)
					? undefined
					: {
							least: Math.max(running ?? 0, held.length),
							// While its lock is not known, it may be any that is nobody else's.
							most: Math.max(
								running ?? 0,
								record.lockOwner === undefined ? mostOfOneOwner(strange(pool)) : held.length,
							),
						},
			tookJob: noteLastTook(record, [
				...(answer?.running.map(({ startedAt }) => startedAt) ?? []),
				...held.flatMap(({ takenAt }) => takenAt ?? []),
			]),
		};
	});
}

function mostOfOneOwner(jobs: readonly QueuedJob[]): number {
	const counts = new Map<string, number>();
	for (const { lock } of jobs) if (lock) counts.set(lock.owner, (counts.get(lock.owner) ?? 0) + 1);
	return Math.max(0, ...counts.values());
}

/** A process locks all of its jobs with one token: the job of an execution that it says it runs shows which. */
function learnLockOwners(
	answers: ReadonlyMap<WorkerRecord, WorkerStatus>,
	jobs: readonly QueuedJob[],
): void {
	const owners = new Map(jobs.map(({ executionId, lock }) => [executionId, lock?.owner]));
	for (const [record, { running }] of answers)
		if (record.isSure)
			record.lockOwner ??= running.flatMap(({ executionId }) => owners.get(executionId) ?? [])[0];
}

/** Connections that are known to be a worker's. */
export const ownedBy = (
	{ owned }: WorkersLook,
	{ status, processId }: WorkerRecord,
): OwnedClients | undefined =>
	owned.isKnown && status
		? owned.value.find(
				(one) => one.worker === status || (processId !== undefined && one.processId === processId),
			)
		: undefined;

function takerOf(look: WorkersLook, record: WorkerRecord, pool: string): TakerSight {
	if (!look.clients.isKnown) return { kind: 'not known' };
	const owned = ownedBy(look, record);
	if (!owned) {
		const kept = look.clients.value.find((one) => clientKey(one) === record.taker);
		return record.isHeldUp && kept ? { kind: 'seen', client: kept } : { kind: 'not told apart' };
	}
	const client = owned.clients.find((one) => poolTakenFrom(one) === pool);
	return client ? { kind: 'seen', client } : { kind: 'missing' };
}

/** @returns whether a job was taken later than all that were seen before. */
function noteLastTook(record: WorkerRecord, times: readonly number[]): boolean {
	if (times.length === 0 || !record.isSure) return false;
	const latest = Math.max(...times);
	const before = record.lastTookAt ?? -Infinity;
	record.lastTookAt = Math.max(latest, before);
	return latest > before;
}
