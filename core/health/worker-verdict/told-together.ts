import type { RedisClient } from '../../ports/stack';
import { clientKey, hasAsked, isAsking, poolTakenFrom } from './job-taker';
import { isConfirmed } from './worker-record';
import type { WorkerSight } from './worker-sight';
import type { WorkersLook } from './workers-look';

/** A connection that takes jobs asks again every 5 s while a slot is free. */
export const LONGEST_PAUSE_MS = 15_000;

/** A worker may take so long from its first sign of life until it asks for jobs. */
export const LONGEST_START_MS = 120_000;

/** Has asked for jobs, and has sent nothing for long. */
export const isSilent = (client: RedisClient): boolean =>
	!isAsking(client) && hasAsked(client) && client.idleMs >= LONGEST_PAUSE_MS;

/** What the number of connections says of the workers of a pool, where nobody knows whose is whose. */
export interface ToldTogether {
	/** Take no jobs, though they have a free slot. */
	readonly stuck: ReadonlySet<WorkerSight>;
	/** Some of these do; which is not known. */
	readonly maybeStuck: ReadonlySet<WorkerSight>;
	/** Have no connection that takes jobs. */
	readonly gone: ReadonlySet<WorkerSight>;
	/** Some of these have none; which is not known. */
	readonly maybeGone: ReadonlySet<WorkerSight>;
	/** Connections that take jobs of the pool, and belong to one of these workers. */
	readonly takers: number;
	readonly silentTakers: number;
	readonly workers: number;
}

/** Counts connections of a pool's workers that cannot be told apart. */
export function tellTogether(
	look: WorkersLook,
	pool: string,
	sights: readonly WorkerSight[],
): ToldTogether | undefined {
	if (!look.clients.isKnown) return undefined;
	const workers = sights.filter(
		(sight) => sight.pool === pool && sight.taker.kind === 'not told apart',
	);
	if (workers.length === 0) return undefined;
	const ofOthers = new Set(
		sights.flatMap(({ taker }) => (taker.kind === 'seen' ? clientKey(taker.client) : [])),
	);
	const takers = look.clients.value.filter(
		(client) => poolTakenFrom(client) === pool && !ofOthers.has(clientKey(client)),
	);
	const silent = takers.filter(isSilent);
	// One that starts may be counted with the connection of one that nobody has heard of.
	for (const { record, answer } of workers)
		if (
			(answer?.running.length ?? 0) > 0 ||
			(takers.length >= workers.length && (answer?.uptimeMs ?? 0) >= LONGEST_START_MS)
		)
			record.hasAsked = true;
	const free = workers.filter(
		({ record, answer }) => record.hasAsked && answer && isConfirmed(record.free, look.at),
	);
	// Whoever may be saturated may own a silent one, also workers that nobody has heard of.
	const others = Math.max(workers.length, takers.length) - free.length;
	const stuck = Math.min(Math.max(silent.length - others, 0), free.length);
	const started = workers.filter(({ record }) => record.hasAsked);
	const quiet = started.filter(({ answer }) => answer === undefined);
	const absent = Math.max(started.length - takers.length, 0);
	const areGone = takers.length === 0 ? started : absent >= quiet.length ? quiet : [];
	return {
		stuck: new Set(stuck === free.length ? free : []),
		maybeStuck: new Set(stuck > 0 && stuck < free.length ? free : []),
		gone: new Set(absent > 0 ? areGone : []),
		maybeGone: new Set(
			absent === 0 || areGone.length > 0 ? [] : quiet.length > 0 ? quiet : started,
		),
		takers: takers.length,
		silentTakers: silent.length,
		workers: workers.length,
	};
}
