import { clientKey, hasAsked, isAsking } from './job-taker';
import { noteHealthChecks } from './health-check-owners';
import { HealthEndpoints } from './health-endpoints';
import { isGone, isStuck, judgeWorker } from './judge-worker';
import { KnownWorkers } from './known-workers';
import { lifeOf, type LifeSigns, type ProcessLife } from './process-life';
import { tellTogether, type ToldTogether } from './told-together';
import { isConfirmed, stands, type WorkerRecord } from './worker-record';
import { ownedBy, sightsOf, type WorkerSight } from './worker-sight';
import type { WorkersLook } from './workers-look';
import type { WorkerVerdict } from './worker-verdict';

/** A worker that vanished is remembered for so long. */
const REMEMBERED_MS = 600_000;

/**
 * What was so at looks that are farther apart may have been otherwise in between. A worker that dies leaves an entry in
 * the registry for longer than this: 30 to 60 s.
 */
const LONGEST_GAP_MS = 25_000;

/**
 * Tells by one look after another how workers fare. What one look cannot tell, such as whether a busy worker is full or
 * stuck, several can: look every 5 s, and faults are named within 30 s.
 */
export class WorkerVerdicts {
	private readonly known = new KnownWorkers();
	private readonly endpoints = new HealthEndpoints();
	private lookedAt = -Infinity;

	/** @returns one a worker, by id. */
	observe(look: WorkersLook): readonly WorkerVerdict[] {
		if (look.at - this.lookedAt > LONGEST_GAP_MS) this.forgetSigns();
		this.lookedAt = look.at;
		const answers = this.known.note(look);
		const sights = sightsOf(look, this.known.records, answers);
		const pools = new Set(sights.map(({ pool }) => pool));
		for (const sight of sights) noteSlots(sight);
		const togetherIn = new Map<string, ToldTogether | undefined>();
		for (const sight of sights) noteSigns(look, sight);
		for (const pool of pools) togetherIn.set(pool, tellTogether(look, pool, sights));
		for (const sight of sights) noteGone(look, sight, togetherIn.get(sight.pool));
		this.known.noteMissed(look);
		noteHealthChecks(look, sights);
		const endpoints = this.endpoints.of(look);
		const open = sights.filter(({ record }) => !record.hasEnded);
		const gone = open.filter(({ record }) => isConfirmed(record.gone, look.at)).length;
		const signs: LifeSigns = { workersKnown: open.length, gone, endpoints };
		const lives = new Map<WorkerRecord, ProcessLife>();
		const verdicts = sights.map((sight) => {
			const { record } = sight;
			const life = lifeOf(look, sight, this.known.isStillListed(record), signs);
			const together = togetherIn.get(sight.pool);
			const { state, evidence, since } = judgeWorker(look, sight, together, life);
			lives.set(record, life);
			if (record.state !== state) Object.assign(record, { state, since: since ?? look.at });
			noteAsking(sight);
			noteTaker(sight);
			return {
				...verdictOf(look, sight, life.process, evidence),
				isCutOff: isGone(sight, together),
			};
		});
		this.endpoints.noteEnded(lives);
		this.known.forget(look.at, REMEMBERED_MS);
		return verdicts.sort((one, other) => (one.id < other.id ? -1 : 1));
	}

	/** Whoever is not there any more may have stopped in the meantime. */
	private forgetSigns(): void {
		for (const record of this.known.records) {
			record.free = record.stuck = record.gone = undefined;
			record.runningWhileAsking = new Set();
		}
	}
}

/** It has as many slots as it was ever seen to use, and one more while it asks for another job. */
function noteSlots({ record, answer, busy }: WorkerSight): void {
	if (!record.isSure) return;
	const still =
		answer?.running.filter(({ executionId }) => record.runningWhileAsking.has(executionId)) ?? [];
	const spare = still.length > 0 ? still.length + 1 : 1;
	record.slots = Math.max(record.slots, busy?.least ?? 0, spare);
}

function noteSigns({ at }: WorkersLook, sight: WorkerSight): void {
	const { record, answer, busy, tookJob, taker } = sight;
	if (!record.isSure) {
		record.free = record.stuck = undefined;
		return;
	}
	if (taker.kind === 'seen' && hasAsked(taker.client)) record.hasAsked = true;
	const isUnclear = answer === undefined || busy === undefined;
	// A worker that is slow to answer once is neither cleared by that, nor suspected.
	if (isUnclear) return;
	const isFree = busy.most < record.slots && !tookJob;
	record.free = isFree ? stands(record.free, at) : undefined;
	record.stuck = isStuck(sight) ? stands(record.stuck, at) : undefined;
}

function noteGone({ at }: WorkersLook, sight: WorkerSight, together?: ToldTogether): void {
	const { record, taker } = sight;
	if (taker.kind === 'not known') return;
	const hasGone = record.isSure && record.hasAsked && isGone(sight, together);
	record.gone = hasGone ? stands(record.gone, at) : undefined;
}

/** For the next look: what still runs then ran while it asked. */
function noteAsking({ record, answer, taker }: WorkerSight): void {
	const isAskingNow = record.isSure && taker.kind === 'seen' && isAsking(taker.client);
	record.runningWhileAsking = new Set(
		isAskingNow ? answer?.running.map(({ executionId }) => executionId) : [],
	);
}

/** For when it answers no more: one that hangs makes no new connection, and one that has ended keeps none. */
function noteTaker({ record, answer, taker }: WorkerSight): void {
	if (!answer || taker.kind === 'not known') return;
	if (!record.isSure && record.processId !== undefined) return;
	record.taker = taker.kind === 'seen' && record.isSure ? clientKey(taker.client) : undefined;
}

function verdictOf(
	look: WorkersLook,
	{ record, pool, answer }: WorkerSight,
	process: WorkerVerdict['process'],
	evidence: WorkerVerdict['evidence'],
): Omit<WorkerVerdict, 'isCutOff'> {
	const { hostId, name, entry, status, state, since, slots, lockOwner, lastTookAt, answeredAt } =
		record;
	return {
		id: entry?.instanceKey ?? name,
		hostId,
		instanceKey: entry?.instanceKey,
		pool,
		version: answer?.version ?? status?.version ?? entry?.version ?? '',
		state,
		since,
		process,
		evidence,
		running: status?.running,
		slotsSeen: slots,
		lockOwner,
		lastTookAt,
		answeredAt,
		lastAnswer: status,
		healthCheck: record.healthCheck,
		connections: record.isSure ? ownedBy(look, record) : undefined,
	};
}
