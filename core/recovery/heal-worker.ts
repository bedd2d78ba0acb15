import type { ChangeKind, ChangeReport, Outlook } from '../change-plans';
import { BulwarkError } from '../errors';
import type { StackMonitor, StackObservation, WorkerVerdict } from '../health';
import { sleep } from '../pipeline';
import { quoted } from '../one-line';
import type { Clock, PlannedStep } from '../ports';
import { shorten } from '../shorten';
import { knownOf, SETTING_OF, SourceUnavailableError, type StackSources } from '../stack';

export interface HealWorkerRequest {
	/** Id of the worker, or its host id where no other worker has the same. */
	readonly worker: string;
}

/** Name of the kind of change. */
export const HEAL_WORKER = 'heal worker';

/** n8n connects anew within seconds; a worker that takes no jobs after so long, in ms, will not. */
const LONGEST_CURE_MS = 30_000;

const LOOK_EVERY_MS = 2_000;

/** No worker has this id. */
export class UnknownWorkerError extends BulwarkError {
	readonly code = 'WORKER_UNKNOWN';

	constructor(id: string, known: readonly string[]) {
		super(
			`No worker is known as ${quoted(shorten(id))}`,
			known.length === 0
				? 'No worker is known at all; look at the queue first'
				: `Give one of: ${known.slice(0, 20).join(', ')}`,
		);
	}
}

/** Several workers have this host id. */
export class AmbiguousWorkerError extends BulwarkError {
	readonly code = 'WORKER_AMBIGUOUS';

	constructor(id: string, meant: readonly string[]) {
		super(
			`${meant.length} workers have the host id ${quoted(shorten(id))}`,
			`Give the id of one: ${meant.slice(0, 20).join(', ')}`,
		);
	}
}

export interface HealWorkerParts {
	readonly sources: StackSources;
	readonly clock: Clock;
	readonly monitor: Pick<StackMonitor, 'observe'>;
}

const TAKES_JOBS: ReadonlySet<WorkerVerdict['state']> = new Set(['idle', 'working', 'saturated']);

/**
 * Brings a worker back that takes no jobs any more, without a restart: closes all of its connections to Redis, so that it
 * makes new ones. All, because on those that are left answers would go on coming to the wrong questions.
 */
export function healWorker(parts: HealWorkerParts): ChangeKind<HealWorkerRequest> {
	const look = async (worker: string): Promise<WorkerVerdict> => {
		queueModeOf(parts.sources);
		return workerOf(await parts.monitor.observe(), worker);
	};
	return {
		name: HEAL_WORKER,
		role: 'operator',
		effect: 'repairs',

		async foresee({ worker }) {
			return outlookOf(await look(worker));
		},

		async apply({ worker }, { steps }, signal, onProgress) {
			const [step] = steps as readonly [PlannedStep, ...PlannedStep[]];
			if (step.action !== CLOSE_CONNECTIONS) return reportOf(step, 'left', step.reason);
			const { connections } = await look(worker);
			if (!connections) return reportOf(step, 'failed', NOT_TOLD);
			const closed = await queueModeOf(parts.sources).redis.closeClients(connections.clients);
			const closedAt = parts.clock.now();
			onProgress(1, 2, `${closed} connections of ${worker} are closed`);
			while (parts.clock.now() - closedAt < LONGEST_CURE_MS) {
				await sleep(parts.clock, LOOK_EVERY_MS, signal);
				const { state } = await look(worker);
				const afterS = Math.round((parts.clock.now() - closedAt) / 1_000);
				onProgress(1, 2, `${worker} is ${state} after ${afterS} s`);
				if (!TAKES_JOBS.has(state)) continue;
				const detail = `${closed} connections closed; it takes jobs again after ${afterS} s`;
				return reportOf(step, 'done', detail);
			}
			const detail = `${closed} connections closed, and it takes no jobs after ${LONGEST_CURE_MS / 1_000} s: only a restart will do`;
			return reportOf(step, 'failed', detail);
		},
	};
}

/** What a plan that can heal does. */
export const CLOSE_CONNECTIONS = 'close all connections';

const CUT_OFF =
	'it has lost its connections without noticing, so none is there to be closed: restart it';

const NOT_TOLD =
	'Redis has no connection of it that can be told from those of others, and closing some of them only is worse than nothing: restart it';

function outlookOf(worker: WorkerVerdict): Outlook {
	const { id, state, process, evidence, isCutOff, connections } = worker;
	const subject = `worker ${id}`;
	// Signs have times and figures that another look does not repeat, so that no step may name them.
	const signs = evidence.map(({ says }) => says).join('; ');
	const outlook = (summary: string, ...steps: readonly PlannedStep[]): Outlook => ({
		summary: steps.length > 0 ? `${summary}: ${signs}` : summary,
		steps,
		// One that is out of step answers at one look and not at the next.
		state: [id, state, process === 'ended', connections?.knownBy ?? null],
	});
	const restart = (reason: string): Outlook =>
		outlook(`${subject} is ${state}, and only a restart will do`, {
			action: 'leave',
			subject,
			reason,
		});
	switch (state) {
		case 'zombie':
		case 'unresponsive': {
			if (isCutOff) return restart(CUT_OFF);
			if (!connections) return restart(NOT_TOLD);
			return outlook(`${subject} is ${state}, and can be healed without a restart`, {
				action: CLOSE_CONNECTIONS,
				subject,
				reason: `it is ${state}; its connections are known by ${connections.knownBy}, it makes new ones of its own, and what it runs goes on`,
			});
		}
		case 'vanished':
			if (process === 'ended') return outlook(`${subject} has ended; there is nothing to heal`);
			return restart(CUT_OFF);
		default:
			return outlook(`${subject} is ${state}; there is nothing to heal`);
	}
}

function workerOf({ workers, look }: StackObservation, id: string): WorkerVerdict {
	const ofHost = workers.filter(({ hostId }) => hostId === id);
	const found =
		workers.find((one) => one.id === id) ?? (ofHost.length === 1 ? ofHost[0] : undefined);
	if (found) return found;
	if (ofHost.length > 1)
		throw new AmbiguousWorkerError(
			id,
			ofHost.map((one) => one.id),
		);
	// Who could not be looked for is not unknown.
	knownOf(look.instances);
	knownOf(look.clients);
	throw new UnknownWorkerError(
		id,
		workers.map((one) => one.id),
	);
}

function queueModeOf({ queueMode }: StackSources): NonNullable<StackSources['queueMode']> {
	if (queueMode) return queueMode;
	throw new SourceUnavailableError(
		'queue',
		'No workers are known: no Redis of the queue is configured',
		SETTING_OF.queue,
	);
}

const reportOf = (
	step: PlannedStep,
	outcome: ChangeReport['steps'][number]['outcome'],
	detail: string,
): ChangeReport => ({
	summary: `${step.subject}: ${detail}`,
	steps: [{ ...step, outcome, detail }],
});
