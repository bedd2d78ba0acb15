import type { RedisServerInfo } from '../../../ports/stack';
import { lintRule, type LintProblem } from '../lint-rule';

/** Share of what there is at most, from which on it is nearly used up. */
const NEARLY_FULL = 0.9;

type Check = (server: RedisServerInfo) => Omit<LintProblem, 'setting'> | undefined;

/** A rule that each server of the queue's Redis is held to. */
const serverRule = (id: string, setting: string, check: Check) =>
	lintRule({
		id,
		mode: 'queue',
		needs: ['redis'],
		check: ({ redis }) =>
			redis.flatMap((server) => {
				const problem = check(server);
				return problem ? [{ ...problem, setting: `${setting} of Redis ${server.server}` }] : [];
			}),
	});

/** Whether Redis keeps what it is given. */
export const redisServerRules = [
	serverRule('redis-eviction', 'maxmemory-policy', ({ evictionPolicy, maxMemoryBytes }) => {
		if (evictionPolicy === undefined || evictionPolicy === 'noeviction') return undefined;
		return {
			severity: maxMemoryBytes === undefined ? 'info' : 'critical',
			value: evictionPolicy,
			loses:
				maxMemoryBytes === undefined
					? 'Without maxmemory nothing is evicted yet; once it is set, jobs and locks are thrown away to make room.'
					: 'When memory runs out Redis throws jobs and locks away: their executions stay "new" or "running" for ever.',
			remedy:
				'maxmemory-policy noeviction (CONFIG SET maxmemory-policy noeviction, and redis.conf)',
		};
	}),
	serverRule('redis-evicted', 'evicted_keys', ({ evictedKeys }) => {
		if (evictedKeys === 0) return undefined;
		return {
			severity: 'critical',
			value: `${evictedKeys} since it started`,
			loses: 'Redis has thrown keys away; jobs and locks may have been among them.',
			remedy: 'maxmemory-policy noeviction and more maxmemory; look for lost executions',
		};
	}),
	serverRule('redis-memory', 'maxmemory', ({ maxMemoryBytes, usedMemoryBytes }) => {
		if (maxMemoryBytes === undefined || usedMemoryBytes < NEARLY_FULL * maxMemoryBytes)
			return undefined;
		return {
			severity: 'critical',
			value: `${share(usedMemoryBytes, maxMemoryBytes)} of ${maxMemoryBytes} bytes used`,
			loses:
				'When it is full Redis refuses new jobs: the executions of webhooks and schedules then stay "new" for ever.',
			remedy: `maxmemory ${2 * maxMemoryBytes}, or find out what uses it (MEMORY DOCTOR, redis-cli --bigkeys)`,
		};
	}),
	serverRule('redis-append-only', 'appendonly', ({ isAofEnabled }) => {
		if (isAofEnabled) return undefined;
		return {
			severity: 'warning',
			value: 'no',
			loses:
				'When Redis restarts, all jobs since the last snapshot are gone: their executions stay "new" for ever.',
			remedy:
				'appendonly yes and appendfsync everysec (CONFIG SET appendonly yes first, so that nothing is lost when it restarts, then redis.conf)',
		};
	}),
	serverRule('redis-save', 'save', ({ isLastSaveOk }) => {
		if (isLastSaveOk) return undefined;
		return {
			severity: 'critical',
			value: 'the last write to disk failed',
			loses:
				'By default Redis then refuses all writes, so no job is added or finished; and a restart loses what is in memory alone.',
			remedy: 'Free disk space or mend its rights: the log of Redis says which; then BGSAVE',
		};
	}),
	serverRule('redis-clients', 'maxclients', (server) => {
		const { connectedClients, maxClients, rejectedConnections } = server;
		const isFull = maxClients !== undefined && connectedClients >= NEARLY_FULL * maxClients;
		if (!isFull && rejectedConnections === 0) return undefined;
		return {
			severity: isFull ? 'critical' : 'warning',
			value: `${connectedClients} of ${maxClients ?? 'unknown'} connected, ${rejectedConnections} turned away since it started`,
			loses:
				'Redis turns connections away that go beyond it: workers cannot start or come back, and exit.',
			remedy: `maxclients ${2 * (maxClients ?? 10_000)}, or find out who connects (CLIENT LIST)`,
		};
	}),
	serverRule('redis-replica', 'replicas', ({ role, replicas }) => {
		if (role === 'replica' || replicas > 0) return undefined;
		return {
			severity: 'info',
			value: 'none',
			loses: 'With its machine all of the queue is lost, or is away until the machine is back.',
			remedy:
				'A replica and a failover behind one address (n8n knows no Sentinel), or a managed Redis; then QUEUE_BULL_REDIS_TIMEOUT_THRESHOLD=300000',
		};
	}),
];

const share = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;
