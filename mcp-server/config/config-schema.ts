import path from 'node:path';

import { z } from 'zod';

import { ROLES } from '../../core/access';
import { thresholdsSchema } from '../../core/health';
import { areDifferent, httpAddress } from '../../core/options';
import { RECOVERY_DEFAULTS } from '../../core/recovery';
import { STACK_MODES } from '../../core/stack';
import { Secret } from './secret';
import { host as allowedHost, origin as allowedOrigin } from './web-places';

const secret = z
	.string()
	.min(1)
	.transform((text) => new Secret(text));
const port = z.int().min(1).max(65_535);
const days = (most: number, fallback: number) => z.int().min(1).max(most).default(fallback);
const ms = z.int().min(1);
const kept = z.int().min(0).default(0);
const NO_MORE = 'nothing else, such as a user or a password: these have settings of their own';
// The first character of an abstract socket is @.
const host = z
	.string()
	.regex(
		/^([\p{L}\p{N}_.:%[\]-]+|[@/][^\s@=;,]*)$/u,
		`A host name, an address or the path of a socket, and ${NO_MORE}`,
	)
	.default('127.0.0.1');
const places = z
	.string()
	.regex(/^[\p{L}\p{N}_.:%[\], -]*$/u, `host:port of each, parted by commas, and ${NO_MORE}`)
	.default('');

const redis = z.strictObject({
	topology: z.enum(['standalone', 'sentinel', 'cluster']).default('standalone'),
	host: host.describe('Of a standalone server.'),
	port: port.default(6379).describe('Of a standalone server.'),
	masterName: z.string().default('').describe('What the sentinels call the master.'),
	sentinels: places.describe('host:port of each sentinel, parted by commas.'),
	sentinelUser: z.string().default(''),
	sentinelPassword: secret.optional(),
	nodes: places.describe('host:port of some nodes of a cluster, parted by commas.'),
	user: z.string().default(''),
	password: secret.optional(),
	database: z.int().min(0).default(0),
	ssl: z.boolean().default(false),
	ca: z.string().default('').describe('PEM of the authorities to trust.'),
	cert: z.string().default(''),
	privateKey: secret.optional(),
	serverName: z.string().default(''),
	disableTlsVerification: z.boolean().default(false),
});

const postgres = z.strictObject({
	type: z.literal('postgres'),
	host,
	port: port.default(5432),
	database: z.string().min(1).default('n8n'),
	user: z.string().min(1).default('postgres'),
	password: secret.optional(),
	schema: z.string().min(1).default('public'),
	tablePrefix: z.string().regex(/^\w*$/, 'Letters, digits and _ only').default(''),
	ssl: z.boolean().default(false),
	ca: z.string().default(''),
	cert: z.string().default(''),
	privateKey: secret.optional(),
	disableTlsVerification: z.boolean().default(false),
});

const sqlite = z.strictObject({
	type: z.literal('sqlite'),
	file: z.string().min(1),
	tablePrefix: z.string().regex(/^\w*$/, 'Letters, digits and _ only').default(''),
});

/** All settings of the server: what it may look at, who may ask it, and where it keeps what it must remember. */
export const configSchema = z.strictObject({
	name: z
		.string()
		.regex(/^[\w.-]{1,64}$/, 'Letters, digits, _ . and - only, at most 64')
		.optional()
		.describe('Of this replica, in its audit log. Default: the name of the machine.'),
	stateFolder: z
		.string()
		.refine((folder) => path.isAbsolute(folder) || folder.startsWith('~/'), {
			error: 'Give a path from / or ~/ on: where another leads depends on who starts the server',
		})
		.optional()
		.describe('For tokens, audit logs and plans. Default: ~/.bulwark/mcp.'),
	n8n: z
		.strictObject({
			url: httpAddress.default('http://127.0.0.1:5678').describe('Of the main process.'),
			apiKey: secret.optional().describe("For n8n's public API."),
			webhookUrl: httpAddress
				.optional()
				.describe(
					'Of the process that serves production webhooks, as this server reaches it. Default: url.',
				),
			webhookEndpoint: z
				.string()
				.min(1)
				.optional()
				.describe('Below which they lie (N8N_ENDPOINT_WEBHOOK). Default: webhook.'),
			healthEndpoint: z
				.string()
				.min(1)
				.optional()
				.describe(
					'Below which its processes say how they are (N8N_ENDPOINT_HEALTH). Default: healthz.',
				),
			executionsMode: z
				.enum(STACK_MODES)
				.optional()
				.describe(
					'EXECUTIONS_MODE. Default: regular where the database is SQLite, else not known.',
				),
		})
		.prefault({}),
	redis: redis.optional().describe('In which n8n keeps its queue. Without: regular mode.'),
	queue: z
		.strictObject({
			prefix: z.string().min(1).default('bull').describe("Of Bull's keys (QUEUE_BULL_PREFIX)."),
			pools: z
				.array(z.string().min(1))
				.default([])
				.describe(
					'Names of worker pools to look at from the start; others are learned from n8n and from Redis.',
				),
			registryPrefix: z
				.string()
				.min(1)
				.default('n8n')
				.describe("n8n's own keys (N8N_REDIS_KEY_PREFIX)."),
			lockDurationMs: ms.default(60_000).describe('QUEUE_WORKER_LOCK_DURATION.'),
			lockRenewTimeMs: ms.default(10_000).describe('QUEUE_WORKER_LOCK_RENEW_TIME.'),
			keepLastCompleted: kept.describe('N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED.'),
			keepLastFailed: kept.describe('N8N_EXECUTIONS_QUEUE_KEEP_LAST_FAILED.'),
		})
		.prefault({}),
	policies: z
		.strictObject({
			redis: redis.optional().describe("In which steps keep their state. Default: the queue's."),
			prefix: z
				.string()
				.default('bulwark:')
				.describe('Of the keys of steps, as in their credential.'),
		})
		.prefault({}),
	database: z.discriminatedUnion('type', [postgres, sqlite]).optional(),
	workers: z
		.array(
			z.strictObject({ healthUrl: httpAddress.describe('Of one, such as http://worker-1:5678.') }),
		)
		.refine((workers) => areDifferent(workers.map(({ healthUrl }) => healthUrl)), {
			error: 'Names a health check twice, so that one of another worker would not be missed',
		})
		.default([])
		.describe('Where workers answer health checks (QUEUE_HEALTH_CHECK_ACTIVE).'),
	thresholds: thresholdsSchema.describe('From which figures on health is called worse.'),
	http: z
		.strictObject({
			host: z.string().min(1).default('127.0.0.1').describe('Where the server listens.'),
			port: port.default(5685),
			publicUrl: httpAddress
				.optional()
				.describe('As which clients know /mcp, where a proxy stands in front of it.'),
			allowedHosts: z
				.array(allowedHost)
				.default([])
				.describe('Hosts besides loopback by which it may be called, such as mcp.example.'),
			allowedOrigins: z
				.array(allowedOrigin)
				.default([])
				.describe('Of pages besides loopback that may call it, such as https://app.example.'),
			metricsWithoutToken: z
				.boolean()
				.default(false)
				.describe('Whether /metrics may be read by whoever reaches it.'),
			maxBodyBytes: z.int().min(1_024).max(16_777_216).default(1_048_576).describe('Of a request.'),
			requestsPerMinute: z.int().min(1).max(100_000).default(300).describe('Of each who asks.'),
		})
		.prefault({}),
	oauth: z
		.strictObject({
			issuer: httpAddress.describe('As it writes itself.'),
			audience: z.string().min(1).describe('For whom its tokens must be (aud).'),
			jwksUrl: httpAddress.optional().describe("Default: found by the issuer's metadata."),
			roleClaim: z.string().min(1).default('bulwark_role').describe('In which the role stands.'),
		})
		.optional()
		.describe('Accepts tokens of an OAuth server besides those made here.'),
	stdio: z
		.strictObject({
			role: z.enum(ROLES).default('operator').describe('Of whoever starts the server.'),
		})
		.prefault({}),
	confirmation: z
		.enum(['required', 'when possible'])
		.default('required')
		.describe('Whether a plan needs the yes of a client that cannot ask anyone.'),
	recovery: z
		.strictObject({
			runAgainTag: z
				.string()
				.min(1)
				.max(100)
				.default(RECOVERY_DEFAULTS.runAgainTag)
				.describe('Tag of workflows whose executions may be run again from their start.'),
			maxAttempts: z
				.int()
				.min(1)
				.max(10)
				.default(RECOVERY_DEFAULTS.maxAttempts)
				.describe('How often an execution is brought back, at most.'),
			hangsAfterMinutes: z
				.int()
				.min(1)
				.max(10_080)
				.default(RECOVERY_DEFAULTS.hangsAfterMs / 60_000)
				.describe('How long an execution without a time limit may run.'),
		})
		.prefault({}),
	watch: z
		.strictObject({
			enabled: z.boolean().default(false).describe('Whether this server acts without being asked.'),
			everySeconds: z.int().min(2).max(3_600).default(10).describe('From one look to the next.'),
			recover: z
				.enum(['safe', 'nothing'])
				.default('safe')
				.describe('Whether what is lost and safe to run again is brought back.'),
			heal: z
				.boolean()
				.default(false)
				.describe('Whether connections of workers are closed that take no jobs any more.'),
		})
		.prefault({}),
	audit: z
		.strictObject({ keepDays: days(3_650, 365).describe('How long its files are kept.') })
		.prefault({}),
});

export type Config = z.output<typeof configSchema>;
