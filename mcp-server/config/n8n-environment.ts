import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

import { readerOf, settingsIn, type Environment, type Read } from '../../adapters/n8n';
import { SETTING_NAMES, type N8nSettings } from '../../core/health/config-lint';
import type { Config } from './config-schema';
import { mainAddressOf } from './main-address';
import { flagOf, numberOf, textOf } from './setting-values';

/** Settings by the place they have in the configuration; values as text. */
export type Found = Readonly<Record<string, unknown>>;

type SqliteSettings = Extract<NonNullable<Config['database']>, { type: 'sqlite' }>;

/** What n8n's own environment says of the stack, so that beside n8n nothing has to be told twice. */
export function n8nEnvironment(env: Environment): Found {
	const read = readerOf(env);
	const mode = textOf(read('EXECUTIONS_MODE'));
	return withoutMissing({
		n8n: withoutMissing({
			url: mainAddressOf(read)?.url,
			apiKey: textOf(read('BULWARK_N8N_API_KEY')),
			// Not WEBHOOK_URL: that is the public address, which need not be one that this machine reaches.
			webhookUrl: textOf(read('BULWARK_N8N_WEBHOOK_URL')),
			webhookEndpoint: textOf(read('N8N_ENDPOINT_WEBHOOK')),
			healthEndpoint: textOf(read('N8N_ENDPOINT_HEALTH')),
			executionsMode: mode === 'queue' || mode === 'regular' ? mode : undefined,
		}),
		redis: mode === 'queue' ? redisOf(read) : undefined,
		queue: withoutMissing({
			prefix: textOf(read('QUEUE_BULL_PREFIX')),
			registryPrefix: textOf(read('N8N_REDIS_KEY_PREFIX')),
			lockDurationMs: numberOf(read('QUEUE_WORKER_LOCK_DURATION')),
			lockRenewTimeMs: numberOf(read('QUEUE_WORKER_LOCK_RENEW_TIME')),
			keepLastCompleted: numberOf(read('N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED')),
			keepLastFailed: numberOf(read('N8N_EXECUTIONS_QUEUE_KEEP_LAST_FAILED')),
		}),
		database: databaseOf(read, env),
	});
}

/** What n8n's own environment sets; undefined where that is nothing, since then it is not n8n's. */
export function n8nSettings(env: Environment): N8nSettings | undefined {
	const settings = settingsIn("this server's environment", env);
	return SETTING_NAMES.some((name) => settings.isGiven(name)) ? settings : undefined;
}

function redisOf(read: Read): Found {
	const of = (name: string) => read(`QUEUE_BULL_REDIS_${name}`);
	const nodes = textOf(of('CLUSTER_NODES'));
	return withoutMissing({
		topology: nodes ? 'cluster' : undefined,
		nodes,
		host: textOf(of('HOST')),
		port: numberOf(of('PORT')),
		user: textOf(of('USERNAME')),
		password: textOf(of('PASSWORD')),
		database: nodes ? undefined : numberOf(of('DB')),
		ssl: flagOf(of('TLS')),
		serverName: textOf(of('TLS_SERVERNAME')),
		disableTlsVerification: flagOf(of('TLS_VALIDATE_CERTIFICATE')) === false || undefined,
	});
}

function databaseOf(read: Read, env: Environment): Found | undefined {
	const tablePrefix = textOf(read('DB_TABLE_PREFIX'));
	const type = textOf(read('DB_TYPE'));
	if (type === 'postgresdb') {
		const setting = (name: string) => read(`DB_POSTGRESDB_${name}`);
		const of = (name: string) => textOf(setting(name));
		const [ca, cert, privateKey] = ['SSL_CA', 'SSL_CERT', 'SSL_KEY'].map(of);
		const isUnverified = flagOf(setting('SSL_REJECT_UNAUTHORIZED')) === false;
		return withoutMissing({
			type: 'postgres',
			host: of('HOST'),
			port: numberOf(setting('PORT')),
			database: of('DATABASE'),
			user: of('USER'),
			password: of('PASSWORD'),
			schema: of('SCHEMA'),
			// Like n8n, which takes TLS wherever something is said of it.
			ssl: ca || cert || privateKey || isUnverified ? true : flagOf(setting('SSL_ENABLED')),
			ca,
			cert,
			privateKey,
			disableTlsVerification: isUnverified || undefined,
			tablePrefix,
		});
	}
	// Which n8n takes as it stands there, and from no file.
	const folder = env.N8N_USER_FOLDER || undefined;
	if (folder === undefined && type !== 'sqlite') return undefined;
	return sqliteIn(folder ?? homeOf(env) ?? homedir(), read);
}

/** n8n's database where nothing is said of it; undefined where none is there. */
export function defaultDatabase(env: Environment): SqliteSettings | undefined {
	const read = readerOf(env);
	const home = homeOf(env);
	if (home === undefined || read('DB_TYPE') !== undefined) return undefined;
	const database = sqliteIn(home, read);
	return existsSync(database.file) ? database : undefined;
}

function sqliteIn(folder: string, read: Read): SqliteSettings {
	const name = textOf(read('DB_SQLITE_DATABASE')) ?? 'database.sqlite';
	const tablePrefix = textOf(read('DB_TABLE_PREFIX')) ?? '';
	return { type: 'sqlite', file: path.resolve(folder, '.n8n', name), tablePrefix };
}

/** As n8n finds it. */
const homeOf = (env: Environment): string | undefined =>
	env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'] || undefined;

function withoutMissing(settings: Found): Found {
	const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries);
}
