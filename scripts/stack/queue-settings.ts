import { POSTGRES_DATABASE, POSTGRES_ROLE } from './postgres.ts';
import type { RedisAddress } from './redis.ts';

export interface QueueSettings {
	redis: RedisAddress;
	postgres: { port: number; password: string };
	encryptionKey: string;
	/** Where the editor is, and where webhooks are called. */
	editorUrl: string;
	webhookUrl: string;
}

/** A connection that is gone without a word is found out within seconds, not the system's two hours. */
const KEEP_ALIVE_MS = 5000;

/** The settings that all n8n processes of a stack share. */
export function queueSettings(settings: QueueSettings): NodeJS.ProcessEnv {
	const { redis, postgres, encryptionKey, editorUrl, webhookUrl } = settings;
	return {
		EXECUTIONS_MODE: 'queue',
		// What is executed by hand in the editor runs where everything runs.
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		N8N_ENCRYPTION_KEY: encryptionKey,
		N8N_EDITOR_BASE_URL: editorUrl,
		WEBHOOK_URL: webhookUrl,
		N8N_METRICS: 'true',
		N8N_METRICS_INCLUDE_QUEUE_METRICS: 'true',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: `${postgres.port}`,
		DB_POSTGRESDB_DATABASE: POSTGRES_DATABASE,
		DB_POSTGRESDB_USER: POSTGRES_ROLE,
		DB_POSTGRESDB_PASSWORD: postgres.password,
		QUEUE_BULL_REDIS_HOST: redis.host,
		QUEUE_BULL_REDIS_PORT: `${redis.port}`,
		QUEUE_BULL_REDIS_PASSWORD: redis.password,
		QUEUE_BULL_REDIS_KEEP_ALIVE: 'true',
		QUEUE_BULL_REDIS_KEEP_ALIVE_DELAY: `${KEEP_ALIVE_MS}`,
		QUEUE_BULL_REDIS_KEEP_ALIVE_INTERVAL: `${KEEP_ALIVE_MS}`,
	};
}
