import { isoTime } from '../../iso-time';
import { hasAsked, isAsking } from './job-taker';
import type { ProcessLife } from './process-life';
import { isSilent, LONGEST_PAUSE_MS, LONGEST_START_MS, type ToldTogether } from './told-together';
import { isConfirmed } from './worker-record';
import type { WorkerSight } from './worker-sight';
import type { WorkersLook } from './workers-look';
import type { Evidence, WorkerState } from './worker-verdict';

/** What one look, and the signs that stand, say of a worker. */
export interface Judgement {
	readonly state: WorkerState;
	readonly evidence: readonly Evidence[];
	/** When it began, where that is known better than by the look. */
	readonly since?: number;
}

/** Judges a worker by its answer, its connection that takes jobs, its locks, and how long these have been so. */
export function judgeWorker(
	look: WorkersLook,
	sight: WorkerSight,
	together: ToldTogether | undefined,
	life: ProcessLife,
): Judgement {
	const { record, taker } = sight;
	const evidence = [...answerEvidence(look, sight), ...lockEvidence(look, sight)];
	const judged = (state: WorkerState, ...more: Evidence[]): Judgement => ({
		state,
		evidence: [...evidence, ...more],
	});
	if (taker.kind === 'not known')
		return judged(look.statuses.isKnown && !sight.answer ? 'unknown' : byAnswer(sight));
	if (isGone(sight, together)) {
		if (!record.hasAsked)
			return judged(
				isStarting(look, sight) ? 'starting' : 'unknown',
				missingEvidence(sight, together),
			);
		const more = [missingEvidence(sight, together), ...life.evidence];
		if (!record.isMissed) return judged('unknown', ...more);
		const state = life.process === 'lives' ? 'zombie' : 'vanished';
		return { state, evidence: [...evidence, ...more], since: record.gone!.since };
	}
	if (taker.kind === 'seen') return byTaker(look, sight, evidence);
	if (!record.hasAsked && isStarting(look, sight) && !sight.answer) return judged('starting');
	if (!together) return judged(sight.answer ? byAnswer(sight) : 'unknown');
	const counted: Evidence = {
		source: 'redis',
		says: `${together.silentTakers} of ${together.takers} connections that take jobs are silent, for ${together.workers} workers that cannot be told apart`,
	};
	if (record.isSure && together.stuck.has(sight))
		return { ...judged('zombie', counted), since: record.free!.since };
	if (together.stuck.has(sight) || together.maybeStuck.has(sight) || together.maybeGone.has(sight))
		return judged('unknown', counted);
	return judged(sight.answer ? byAnswer(sight) : 'unknown', counted);
}

/** Whether it has no connection that takes jobs. */
export const isGone = (sight: WorkerSight, together: ToldTogether | undefined): boolean =>
	sight.taker.kind === 'missing' || Boolean(together?.gone.has(sight));

/** Whether it takes no jobs though it could, by its own connection. */
export const isStuck = ({ record, taker, answer, busy, tookJob }: WorkerSight): boolean =>
	taker.kind === 'seen' &&
	!isAsking(taker.client) &&
	hasAsked(taker.client) &&
	answer !== undefined &&
	busy !== undefined &&
	busy.most < record.slots &&
	!tookJob;

function byTaker(look: WorkersLook, sight: WorkerSight, evidence: Evidence[]): Judgement {
	const { record, taker, answer, busy } = sight;
	const { client } = taker as Extract<typeof taker, { kind: 'seen' }>;
	const askedAt = look.at - client.idleMs;
	const says = isAsking(client)
		? 'it waits for a job at Redis'
		: hasAsked(client)
			? `it last asked for a job at ${isoTime(askedAt)}, and does not wait for one`
			: 'its connection that takes jobs was opened anew and has asked for none';
	const all: Evidence[] = [...evidence, { source: 'redis', says }];
	if (isAsking(client) || (hasAsked(client) && !isSilent(client)))
		return { state: (busy?.least ?? 0) > 0 ? 'working' : 'idle', evidence: all };
	if (!answer && look.statuses.isKnown) {
		const isLong = look.at - (record.answeredAt ?? record.firstSeenAt) >= LONGEST_PAUSE_MS;
		return { state: isLong ? 'unresponsive' : record.state, evidence: all };
	}
	if (busy && busy.least > 0 && busy.least >= record.slots)
		return { state: 'saturated', evidence: all };
	if (!hasAsked(client)) return { state: record.hasAsked ? 'stopping' : 'starting', evidence: all };
	if (record.isSure && isConfirmed(record.stuck, look.at))
		return { state: 'zombie', evidence: all, since: askedAt };
	return { state: 'unknown', evidence: all };
}

const byAnswer = ({ record, busy, answer }: WorkerSight): WorkerState => {
	const running = busy?.least ?? answer?.running.length ?? 0;
	if (running === 0) return 'idle';
	return running >= record.slots && record.slots > 1 ? 'saturated' : 'working';
};

const isStarting = ({ at }: WorkersLook, { record }: WorkerSight): boolean =>
	(record.status?.uptimeMs ?? at - record.firstSeenAt) < LONGEST_START_MS;

function answerEvidence(look: WorkersLook, { record, answer }: WorkerSight): Evidence[] {
	if (answer) {
		const { length } = answer.running;
		const jobs = length === 0 ? 'no job' : length === 1 ? '1 job' : `${length} jobs`;
		return [{ source: 'workers', says: `it answers, and says that it runs ${jobs}` }];
	}
	if (!look.statuses.isKnown) return [];
	const last =
		record.answeredAt === undefined ? 'and never has' : `last at ${isoTime(record.answeredAt)}`;
	return [{ source: 'workers', says: `it does not answer, ${last}` }];
}

function lockEvidence(look: WorkersLook, { record, busy }: WorkerSight): Evidence[] {
	if (!look.jobs.isKnown || !busy) return [];
	const locks =
		record.lockOwner === undefined
			? `at most ${busy.most} locks of jobs can be its`
			: `${look.jobs.value.jobs.filter(({ lock }) => lock?.owner === record.lockOwner).length} locks of jobs are its`;
	return [{ source: 'queue', says: `${locks}; it was seen to have ${record.slots} or more slots` }];
}

function missingEvidence(sight: WorkerSight, together: ToldTogether | undefined): Evidence {
	if (together === undefined || sight.taker.kind === 'missing')
		return { source: 'redis', says: 'none of its connections takes jobs' };
	const { takers, workers } = together;
	const says =
		takers === 0
			? 'no connection that takes jobs can be its'
			: `there are ${takers} connections that take jobs, for ${workers} workers`;
	return { source: 'redis', says };
}
