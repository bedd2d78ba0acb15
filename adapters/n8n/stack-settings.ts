import type { StackMode } from '../../core/stack';
import type { RedisSettings } from '../redis';

/** Where n8n keeps its queue. */
export interface QueueSettings {
	/** Before all of Bull's keys (QUEUE_BULL_PREFIX). */
	readonly prefix: string;
	/** Names of worker pools besides the default one. */
	readonly pools: readonly string[];
	/** Before n8n's own keys (N8N_REDIS_KEY_PREFIX). */
	readonly registryPrefix: string;
	/** For how long a worker holds a job, in ms (QUEUE_WORKER_LOCK_DURATION). */
	readonly lockDurationMs: number;
	/** How often it renews that, in ms (QUEUE_WORKER_LOCK_RENEW_TIME). */
	readonly lockRenewTimeMs: number;
	/** How many jobs are kept when they have ended (N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED, ..._FAILED). */
	readonly keepLastCompleted: number;
	readonly keepLastFailed: number;
}

/** Where n8n keeps its data. */
export type DatabaseSettings =
	| {
			readonly type: 'postgres';
			readonly host: string;
			readonly port: number;
			readonly database: string;
			readonly user: string;
			readonly password?: string;
			readonly schema: string;
			readonly tablePrefix: string;
			readonly ssl: boolean;
			/** PEM of the authorities to trust; empty: those of the system. */
			readonly ca: string;
			/** PEM of the client's certificate, and of its key; empty: none. */
			readonly cert?: string;
			readonly privateKey?: string;
			readonly disableTlsVerification: boolean;
	  }
	| { readonly type: 'sqlite'; readonly file: string; readonly tablePrefix: string };

/** Where n8n answers. */
export interface N8nAddress {
	/** Of the main process. */
	readonly url: string;
	/** Whether nobody has said that it is there. Default: false. */
	readonly isAssumed?: boolean;
	/** For its public API. */
	readonly apiKey?: string;
	/** Of the process that serves production webhooks. Default: main. */
	readonly webhookUrl?: string;
	/** The path below which they lie (N8N_ENDPOINT_WEBHOOK). Default: webhook. */
	readonly webhookEndpoint?: string;
}

/** Whatever is known of an n8n in production. What is left out cannot be asked. */
export interface StackSettings {
	/** Of the queue. None in regular mode. */
	readonly redis?: RedisSettings;
	/** How n8n is known to run (EXECUTIONS_MODE). Default: regular where the database is SQLite, else not known. */
	readonly executionsMode?: StackMode;
	readonly queue: QueueSettings;
	readonly database?: DatabaseSettings;
	readonly n8n?: N8nAddress;
	/** Where workers answer health checks, without a path. */
	readonly workerHealthUrls: readonly string[];
	/** The path below which all processes do (N8N_ENDPOINT_HEALTH). Default: healthz. */
	readonly healthEndpoint?: string;
}
