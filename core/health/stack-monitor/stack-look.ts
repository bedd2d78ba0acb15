import { clockReadings, n8nClocks } from '../../clocks';
import type {
	DatabaseStatistics,
	ExecutionRates,
	PoolCounts,
	RedisServerInfo,
	WorkerStatus,
} from '../../ports/stack';
import { readFrom, valueOf, type Reading, type StackSources } from '../../stack';
import { mayBeOfOne, type WorkersLook } from '../worker-verdict';

/** What all sources said, at about one moment. */
export interface StackLook extends WorkersLook {
	readonly counts: Reading<readonly PoolCounts[]>;
	readonly redis: Reading<readonly RedisServerInfo[]>;
	readonly unfinished: Reading<Readonly<Record<'new' | 'running' | 'waiting', number>>>;
	readonly rates: Reading<ExecutionRates>;
	readonly database: Reading<DatabaseStatistics>;
}

/** What says little anew within seconds. */
export type SlowReadings = Pick<StackLook, 'redis' | 'rates' | 'database'>;

/** Workers that have not answered by then are taken for silent, in ms. */
const ANSWER_WITHIN_MS = 1_000;

/** Most active jobs of each pool that a look takes in. */
const MOST_ACTIVE_JOBS = 10_000;

/** Executions are counted over so long. */
const RATES_OVER_MS = 300_000;

/**
 * Looks at all of the stack with a bounded number of questions. Workers are asked first, and then what they do.
 * @param lastAnswers of workers that may be silent now.
 * @param slow what is known well enough not to be asked again.
 */
export async function lookAt(
	sources: StackSources,
	at: number,
	lastAnswers: readonly WorkerStatus[],
	slow: SlowReadings | undefined,
	signal?: AbortSignal,
): Promise<StackLook> {
	const { queueMode, database, processes } = sources;
	const fromDatabase = readFrom(
		'database',
		database,
		(db) => db.executions.unfinishedCounts(),
		signal,
	);
	const metrics = readFrom('n8n metrics', processes, (view) => view.processes(), signal);
	const instances = await readFrom(
		'instance registry',
		queueMode,
		({ registry }) => registry.instances(),
		signal,
	);
	const slowly =
		slow ?? n8nAheadMs(instances, metrics).then((ms) => readSlowly(sources, at + ms, signal));
	const listed = instances.isKnown
		? instances.value.filter(({ type }) => type === 'worker').map(({ hostId }) => hostId)
		: undefined;
	const statuses = await readFrom(
		'workers',
		queueMode,
		({ workers }) => workers.askStatus(ANSWER_WITHIN_MS, signal, listed),
		signal,
	);
	const [clients, jobs, counts] = await Promise.all([
		readFrom('redis', queueMode, ({ redis }) => redis.clients(), signal),
		readFrom('queue', queueMode, ({ queue }) => queue.jobs(['active'], MOST_ACTIVE_JOBS), signal),
		readFrom('queue', queueMode, ({ queue }) => queue.counts(), signal),
	]);
	const answers = valueOf(statuses) ?? [];
	const silent = lastAnswers.filter((last) => !answers.some((now) => mayBeOfOne(last, now)));
	const owned = await readFrom(
		'redis',
		queueMode,
		async ({ owners }) =>
			clients.isKnown ? await owners.ownersOf(clients.value, [...answers, ...silent]) : [],
		signal,
	);
	return {
		...{ at, instances, statuses, clients, owned, jobs, counts },
		processes: await metrics,
		unfinished: await fromDatabase,
		...(await slowly),
	};
}

/** By the middle of what n8n's clocks may show, in ms: over minutes that is near enough. */
async function n8nAheadMs(
	instances: StackLook['instances'],
	metrics: Promise<StackLook['processes']>,
): Promise<number> {
	const tellers = { instances: valueOf(instances), processes: valueOf(await metrics) };
	const { least, most } = n8nClocks(clockReadings(tellers), 'regular').main;
	return (least + most) / 2;
}

async function readSlowly(
	{ queueMode, database }: StackSources,
	n8nNow: number,
	signal?: AbortSignal,
): Promise<SlowReadings> {
	const [redis, rates, statistics] = await Promise.all([
		readFrom('redis', queueMode, (mode) => mode.redis.info(), signal),
		readFrom('database', database, (db) => db.executions.rates(RATES_OVER_MS, n8nNow), signal),
		readFrom('database', database, (db) => db.server.statistics(), signal),
	]);
	return { redis, rates, database: statistics };
}
