import { z } from 'zod';

import { choice, integer, text, toggle } from '../../../core/options';
import { REDIS_CREDENTIALS } from '../state';

const inQueueMode = { showWhen: { isQueueMode: [true] } };
const inPostgres = { showWhen: { database: ['postgres'] } };
const inDatabase = { showWhen: { database: ['postgres', 'sqlite'] } };

/** Whom a node asks about the stack. The names of credentials are also the choices between them. */
export const stackOptions = z.strictObject({
	state: choice(
		{
			process: 'This Process',
			redis: 'Redis',
			bulwarkRedisApi: 'Redis, With a Bulwark Credential',
		},
		'process',
		{
			title: 'Queue and Policies',
			description:
				"Where n8n keeps its queue, and Bulwark's steps their state. This Process: n8n in regular mode, without a queue, and steps whose State is This Process",
		},
	),
	database: choice({ none: 'None', postgres: 'Postgres', sqlite: 'SQLite' }, 'none', {
		title: 'Database',
		description:
			'The database of n8n, which knows of its executions and workflows. None: what only it knows is said to be unknown',
	}),
	databaseFile: text(4_096, '', {
		title: 'Database File',
		description:
			"Path of n8n's SQLite database on the machine of the process that runs this node. n8n keeps nodes away from it unless its operator sets N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES=false and also names this file in N8N_RESTRICT_FILE_ACCESS_TO, such as ~/.n8n-files;/home/node/.n8n/database.sqlite",
		showWhen: { database: ['sqlite'] },
	}),
	api: choice({ none: 'None', n8nApi: "n8n's Public API" }, 'none', {
		title: 'API',
		description:
			"By which failed executions are run again as new ones. The address in its credential also leads to main's health and metrics, and to webhooks for a synthetic check",
	}),
	webhookUrl: text(2_000, '', {
		title: 'Webhook URL',
		description:
			"Base address of the process that serves production webhooks, for a synthetic check, where that is not main. Empty: the address in the API's credential",
		showWhen: { api: ['n8nApi'] },
	}),
	isQueueMode: toggle(true, {
		title: 'Queue Mode',
		description:
			'Whether n8n keeps its queue in that Redis. Off: only the steps keep their state in it',
		showWhen: { state: REDIS_CREDENTIALS },
	}),
	queuePrefix: text(200, 'bull', {
		title: 'Queue Prefix',
		description: 'What the keys of the queue begin with (QUEUE_BULL_PREFIX)',
		...inQueueMode,
	}),
	registryPrefix: text(200, 'n8n', {
		title: 'Key Prefix',
		description: "What n8n's other keys in Redis begin with (N8N_REDIS_KEY_PREFIX)",
		...inQueueMode,
	}),
	pools: text(2_000, '', {
		title: 'Worker Pools',
		description: 'Names of worker pools besides the default one, parted by commas',
		...inQueueMode,
	}),
	workerHealthUrls: text(8_192, '', {
		title: 'Worker Health URLs',
		description:
			'Where all workers answer health checks (QUEUE_HEALTH_CHECK_ACTIVE=true on each of them), parted by commas. They alone tell a worker that died from one that is only cut off from Redis: without those of all workers, what died with its worker is named and left',
		...inQueueMode,
	}),
	lockDurationMs: integer(1_000, 86_400_000, 60_000, {
		title: 'Lock Duration',
		description:
			'For how long a worker holds a job without renewing it (QUEUE_WORKER_LOCK_DURATION)',
		unit: 'ms',
		...inQueueMode,
	}),
	lockRenewTimeMs: integer(100, 86_400_000, 10_000, {
		title: 'Lock Renewal',
		description: 'How often a worker renews its hold of a job (QUEUE_WORKER_LOCK_RENEW_TIME)',
		unit: 'ms',
		...inQueueMode,
	}),
	schema: text(63, 'public', {
		title: 'Schema',
		description: "Of n8n's tables (DB_POSTGRESDB_SCHEMA)",
		...inPostgres,
	}),
	tablePrefix: text(63, '', {
		title: 'Table Prefix',
		description: "What the names of n8n's tables begin with (DB_TABLE_PREFIX)",
		...inDatabase,
	}),
});

export type StackOptions = z.output<typeof stackOptions>;

/** Those that seldom need to be set. */
export const RARE_STACK_OPTIONS = [
	'isQueueMode',
	'queuePrefix',
	'registryPrefix',
	'pools',
	'workerHealthUrls',
	'lockDurationMs',
	'lockRenewTimeMs',
	'schema',
	'tablePrefix',
] as const satisfies ReadonlyArray<keyof StackOptions>;
