import { poolTakenFrom } from '../../health/worker-verdict';
import type {
	InstanceEntry,
	ProcessMetrics,
	RedisClient,
	UnreachableProcess,
	WorkerStatus,
} from '../../ports/stack';
import type { Evidence } from './lost-execution';

/**
 * Whether a worker may live that does not answer over Redis, and so may run what nobody reports. `none`: every worker that
 * lives has answered. `cut off`: one lives, and has no way to Redis. `silent`: one is connected, and perhaps only slow.
 * `unknown`: nobody can say.
 */
export interface UnseenWorkers {
	readonly verdict: 'none' | 'cut off' | 'silent' | 'unknown';
	readonly evidence: readonly Evidence[];
}

/** How many workers of these pools, and of the usual one, have a connection to take jobs by. */
export function connectedWorkers(
	clients: readonly RedisClient[],
	workers: ReadonlyArray<Pick<InstanceEntry, 'pool'>>,
): number {
	const pools = new Set(['', ...workers.map(({ pool }) => pool)]);
	const taken = clients.map((client) => poolTakenFrom(client));
	return taken.filter((pool) => pool !== undefined && pools.has(pool)).length;
}

/** What tells of workers; undefined where a source did not answer. */
export interface SignsOfWorkers {
	readonly answered: readonly WorkerStatus[] | undefined;
	readonly registered: readonly InstanceEntry[] | undefined;
	readonly clients: readonly RedisClient[] | undefined;
	readonly processes: ReadonlyArray<ProcessMetrics | UnreachableProcess> | undefined;
	/** How many workers may live, as far as is remembered: also those that are in no list. */
	readonly mayLive: number;
}

/**
 * Goes by three signs. The connection of a worker that is killed leaves Redis at once, while one that is merely slow keeps
 * it. The health check of a worker that is only cut off from Redis still answers. And where health checks are known of
 * fewer workers than may live, a worker that is cut off cannot be told from one that is dead.
 *
 * Verdicts on workers judge whether processes live, too, and are no substitute: they say of each worker what is most likely,
 * by several looks, and forget it within minutes. Here one look must do, and an error would run an execution twice, so
 * that all must be accounted for, and none is forgotten for a day. What both have seen is in one census. It cannot see
 * that checks are those of others: where a worker that is named stops for good, one that is not named comes for it, and is
 * cut off while no check of the others fails, it is taken for dead. So all workers are to be named.
 */
export function unseenWorkers({
	answered,
	registered,
	clients,
	processes = [],
	mayLive,
}: SignsOfWorkers): UnseenWorkers {
	if (!answered || !registered || !clients)
		return { verdict: 'unknown', evidence: [{ source: 'workers', says: 'cannot be asked' }] };
	const workers = registered.filter(({ type }) => type === 'worker');
	const answers: Evidence = {
		source: 'workers',
		says: `${answered.length} answer, of ${workers.length} that are registered`,
	};
	const connected = connectedWorkers(clients, [...workers, ...answered]);
	if (connected > answered.length)
		return {
			verdict: 'silent',
			evidence: [answers, { source: 'redis', says: `${connected} workers are connected` }],
		};
	const checks = processes.filter(({ type }) => type === 'worker');
	const healthy = checks.filter((check) => !('unreachable' in check)).length;
	const late = checks.filter((check) => 'unreachable' in check && check.mayLive).length;
	const health: Evidence = {
		source: 'n8n metrics',
		says: `${healthy} of ${checks.length} known health checks of workers answer`,
	};
	if (healthy > answered.length) return { verdict: 'cut off', evidence: [answers, health] };
	if (
		// One that answers over Redis only has no check that is known, so that others may have none.
		healthy + late !== answered.length ||
		// Where nobody uses the registry, nobody knows how many there are.
		registered.length === 0 ||
		checks.length < Math.max(mayLive, answered.length, 1)
	)
		return { verdict: 'unknown', evidence: [answers, health] };
	return { verdict: 'none', evidence: [answers, health] };
}
