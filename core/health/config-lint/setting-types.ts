/** How n8n reads a setting, and what it takes where the setting is not given. */
export type SettingType =
	| { readonly type: 'flag'; readonly default: boolean }
	| { readonly type: 'number'; readonly default: number }
	| { readonly type: 'text'; readonly default: string };

const flag = (fallback: boolean) => ({ type: 'flag', default: fallback }) as const;
const number = (fallback: number) => ({ type: 'number', default: fallback }) as const;
const text = (fallback: string) => ({ type: 'text', default: fallback }) as const;

/** Settings of n8n that are looked at, with the defaults of n8n 2.41. */
export const SETTING_TYPES = {
	DB_POSTGRESDB_CONNECTION_TIMEOUT: number(20_000),
	DB_POSTGRESDB_POOL_SIZE: number(2),
	DB_TYPE: text('sqlite'),
	EXECUTIONS_DATA_MAX_AGE: number(336),
	EXECUTIONS_DATA_PRUNE: flag(true),
	EXECUTIONS_DATA_PRUNE_MAX_COUNT: number(10_000),
	EXECUTIONS_DATA_SAVE_ON_ERROR: text('all'),
	EXECUTIONS_DATA_SAVE_ON_PROGRESS: flag(false),
	EXECUTIONS_DATA_SAVE_ON_SUCCESS: text('all'),
	EXECUTIONS_MODE: text('regular'),
	EXECUTIONS_TIMEOUT: number(-1),
	EXECUTIONS_TIMEOUT_MAX: number(3_600),
	GENERIC_TIMEZONE: text('America/New_York'),
	N8N_CONCURRENCY_PRODUCTION_LIMIT: number(-1),
	N8N_ENCRYPTION_KEY: text(''),
	N8N_DEFAULT_BINARY_DATA_MODE: text(''),
	N8N_DISABLE_PRODUCTION_MAIN_PROCESS: flag(false),
	N8N_ENDPOINT_HEALTH: text('healthz'),
	N8N_ENDPOINT_WEBHOOK: text('webhook'),
	N8N_EXECUTIONS_QUEUE_RECOVERY_BATCH: number(100),
	N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: number(180),
	N8N_EXECUTION_DATA_STORAGE_MODE: text('database'),
	N8N_GRACEFUL_SHUTDOWN_TIMEOUT: number(30),
	N8N_MULTI_MAIN_SETUP_CHECK_INTERVAL: number(3),
	N8N_MULTI_MAIN_SETUP_ENABLED: flag(false),
	N8N_MULTI_MAIN_SETUP_KEY_TTL: number(10),
	N8N_RUNNERS_HEARTBEAT_INTERVAL: number(30),
	N8N_RUNNERS_MAX_CONCURRENCY: number(10),
	N8N_RUNNERS_TASK_REQUEST_TIMEOUT: number(60),
	N8N_RUNNERS_TASK_TIMEOUT: number(300),
	N8N_WEBHOOK_URL: text(''),
	N8N_WORKER_POOLS_ENABLED: flag(false),
	N8N_WORKFLOW_AUTODEACTIVATION_ENABLED: flag(false),
	N8N_WORKFLOW_AUTODEACTIVATION_MAX_LAST_EXECUTIONS: number(3),
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: flag(false),
	QUEUE_BULL_REDIS_KEEP_ALIVE: flag(false),
	QUEUE_BULL_REDIS_KEEP_ALIVE_DELAY: number(5_000),
	QUEUE_BULL_REDIS_KEEP_ALIVE_INTERVAL: number(5_000),
	QUEUE_BULL_REDIS_RECONNECT_ON_FAILOVER: flag(true),
	QUEUE_BULL_REDIS_TIMEOUT_THRESHOLD: number(10_000),
	QUEUE_HEALTH_CHECK_ACTIVE: flag(false),
	QUEUE_WORKER_LOCK_DURATION: number(60_000),
	QUEUE_WORKER_LOCK_RENEW_TIME: number(10_000),
	QUEUE_WORKER_STALLED_INTERVAL: number(30_000),
	QUEUE_WORKER_TIMEOUT: number(30),
	WEBHOOK_URL: text(''),
} as const satisfies Record<string, SettingType>;

export type SettingName = keyof typeof SETTING_TYPES;

const HIDDEN: ReadonlySet<string> = new Set<SettingName>([
	'N8N_ENCRYPTION_KEY',
	'N8N_WEBHOOK_URL',
	'WEBHOOK_URL',
]);

/** Whether only that it is given may be kept of a setting. */
export const isHidden = (name: string): boolean => HIDDEN.has(name);

export const SETTING_NAMES = Object.keys(SETTING_TYPES) as SettingName[];
