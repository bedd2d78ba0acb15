import {
	N8nSettings,
	type LintFacts,
	type LintReadings,
} from '../../../../core/health/config-lint';
import type { InstanceEntry, RedisServerInfo, WorkflowRecord } from '../../../../core/ports/stack';

/** What a test changes of a stack in which nothing is wrong. */
export interface Changes extends Partial<Omit<LintFacts, 'settings'>> {
	/** Undefined takes a setting away. */
	readonly settings?: Readonly<Record<string, string | undefined>>;
}

const SETTINGS: Readonly<Record<string, string>> = {
	DB_POSTGRESDB_POOL_SIZE: '4',
	DB_TYPE: 'postgresdb',
	EXECUTIONS_DATA_SAVE_ON_PROGRESS: 'true',
	EXECUTIONS_TIMEOUT: '600',
	GENERIC_TIMEZONE: 'Europe/Berlin',
	N8N_ENCRYPTION_KEY: 'never shown',
	N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '180',
	N8N_WEBHOOK_URL: 'https://n8n.example/',
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	QUEUE_BULL_REDIS_KEEP_ALIVE: 'true',
	QUEUE_BULL_REDIS_TIMEOUT_THRESHOLD: '300000',
	QUEUE_HEALTH_CHECK_ACTIVE: 'true',
};

/** For the rules of regular mode. */
export const REGULAR = { N8N_CONCURRENCY_PRODUCTION_LIMIT: '12' };

export const redisServer = (changed: Partial<RedisServerInfo> = {}): RedisServerInfo => ({
	server: '10.0.0.1:6379',
	version: '7.0.15',
	role: 'master',
	uptimeMs: 1_000_000,
	connectedClients: 20,
	maxClients: 10_000,
	blockedClients: 2,
	usedMemoryBytes: 10_000_000,
	maxMemoryBytes: 100_000_000,
	evictionPolicy: 'noeviction',
	evictedKeys: 0,
	isAofEnabled: true,
	isLastSaveOk: true,
	changesSinceSave: 0,
	isLoading: false,
	replicas: 1,
	commandsPerSecond: 100,
	rejectedConnections: 0,
	roundTripMs: 1,
	...changed,
});

export const instance = (changed: Partial<InstanceEntry> = {}): InstanceEntry => ({
	instanceKey: 'key',
	hostId: 'worker-1',
	type: 'worker',
	isLeader: false,
	version: '2.41.1',
	pool: '',
	registeredAt: 0,
	lastSeenAt: 1_000,
	...changed,
});

export const main = (changed: Partial<InstanceEntry> = {}): InstanceEntry =>
	instance({ type: 'main', isLeader: true, hostId: 'main-1', ...changed });

export const workflow = (changed: Partial<WorkflowRecord> = {}): WorkflowRecord => ({
	id: 'w1',
	name: 'Orders',
	isActive: true,
	tags: [],
	settings: { errorWorkflow: 'w2' },
	nodes: [],
	updatedAt: 0,
	...changed,
});

export const node = (type: string) => ({
	id: type,
	name: type,
	type,
	isDisabled: false,
	parameters: {},
});

export const pool = (pool: string, waiting = 0, active = 0) => ({
	...{ pool, waiting, active, delayed: 0, failed: 0, completed: 0, isPaused: false, added: 10 },
});

const rates = { windowMs: 3_600_000, created: 60, finished: 60, failed: 1, crashed: 0 };

/** A stack of which nothing is missing and in which nothing is wrong, but for what is changed. */
export function stackWith({ settings = {}, ...changed }: Changes = {}): LintReadings {
	const given: Record<string, string | undefined> = { ...SETTINGS, ...settings };
	const facts: LintFacts = {
		settings: new N8nSettings('n8n main', (name) => given[name]),
		redis: [redisServer()],
		instances: [main(), instance()],
		pools: [pool('', 3)],
		database: {
			type: 'postgres',
			version: '15',
			sizeBytes: 1_000_000,
			roundTripMs: 1,
			connections: { used: 10, most: 100, active: 1, idle: 9, idleInTransaction: 0, waiting: 0 },
			tables: [],
		},
		rates: { ...rates, p95DurationMs: 2_000 },
		unfinished: 5,
		workflows: [workflow()],
		...changed,
	};
	return Object.fromEntries(
		Object.entries(facts).map(([name, value]) => [name, { isKnown: true, value }]),
	) as unknown as LintReadings;
}
