import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

import { isHidden, N8nSettings, SETTING_NAMES } from '../../core/health/config-lint';

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings by the place they have in the configuration; values as text. */
export type Found = Readonly<Record<string, unknown>>;

/**
 * What n8n's own environment says of the stack, so that beside n8n nothing has to be told twice. Like n8n, reads
 * `NAME_FILE` where `NAME` is not set.
 */
export function n8nEnvironment(env: Environment): Found {
	const read = readerOf(env);
	const isQueue = read('EXECUTIONS_MODE') === 'queue';
	return withoutMissing({
		n8n: withoutMissing({
			url: read('BULWARK_N8N_URL'),
			apiKey: read('BULWARK_N8N_API_KEY'),
			executionsMode: read('EXECUTIONS_MODE'),
		}),
		redis: isQueue ? redisOf(read) : undefined,
		queue: withoutMissing({
			prefix: read('QUEUE_BULL_PREFIX'),
			registryPrefix: read('N8N_REDIS_KEY_PREFIX'),
			lockDurationMs: numberOf(read('QUEUE_WORKER_LOCK_DURATION')),
			lockRenewTimeMs: numberOf(read('QUEUE_WORKER_LOCK_RENEW_TIME')),
			keepLastCompleted: numberOf(read('N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED')),
			keepLastFailed: numberOf(read('N8N_EXECUTIONS_QUEUE_KEEP_LAST_FAILED')),
		}),
		database: databaseOf(read),
	});
}

/** What n8n's own environment sets; undefined where that is nothing, since then it is not n8n's. */
export function n8nSettings(env: Environment): N8nSettings | undefined {
	const read = readerOf(env);
	// A key's file need not be readable to us.
	const readShown: Read = (name) =>
		isHidden(name) ? env[name] || env[`${name}_FILE`] : read(name);
	const isThere = SETTING_NAMES.some((name) => readShown(name) !== undefined);
	return isThere ? new N8nSettings("this server's environment", readShown) : undefined;
}

const readerOf =
	(env: Environment): Read =>
	(name) =>
		env[name] || fromFile(env[`${name}_FILE`]);

type Read = (name: string) => string | undefined;

function redisOf(read: Read): Found {
	const of = (name: string) => read(`QUEUE_BULL_REDIS_${name}`);
	const nodes = of('CLUSTER_NODES');
	return withoutMissing({
		topology: nodes ? 'cluster' : undefined,
		nodes,
		host: of('HOST'),
		port: numberOf(of('PORT')),
		user: of('USERNAME'),
		password: of('PASSWORD'),
		database: nodes ? undefined : numberOf(of('DB')),
		ssl: booleanOf(of('TLS')),
		serverName: of('TLS_SERVERNAME'),
		disableTlsVerification: of('TLS_VALIDATE_CERTIFICATE') === 'false' || undefined,
	});
}

function databaseOf(read: Read): Found | undefined {
	const tablePrefix = read('DB_TABLE_PREFIX');
	if (read('DB_TYPE') === 'postgresdb') {
		const of = (name: string) => read(`DB_POSTGRESDB_${name}`);
		const [ca, cert, privateKey] = ['SSL_CA', 'SSL_CERT', 'SSL_KEY'].map(of);
		const isUnverified = of('SSL_REJECT_UNAUTHORIZED') === 'false';
		return withoutMissing({
			type: 'postgres',
			host: of('HOST'),
			port: numberOf(of('PORT')),
			database: of('DATABASE'),
			user: of('USER'),
			password: of('PASSWORD'),
			schema: of('SCHEMA'),
			// Like n8n, which takes TLS wherever something is said of it.
			ssl: ca || cert || privateKey || isUnverified ? true : booleanOf(of('SSL_ENABLED')),
			ca,
			cert,
			privateKey,
			disableTlsVerification: isUnverified || undefined,
			tablePrefix,
		});
	}
	const folder = read('N8N_USER_FOLDER');
	if (folder === undefined && read('DB_TYPE') !== 'sqlite') return undefined;
	const name = read('DB_SQLITE_DATABASE') ?? 'database.sqlite';
	const file = path.resolve(folder ?? homedir(), '.n8n', name);
	return withoutMissing({ type: 'sqlite', file, tablePrefix });
}

const fromFile = (file: string | undefined): string | undefined =>
	file ? readFileSync(file, 'utf8').trim() : undefined;

/** What is no number stays as it is, for the error to name. */
const numberOf = (text: string | undefined): unknown =>
	text !== undefined && /^\d+$/.test(text) ? Number(text) : text;

const booleanOf = (text: string | undefined): unknown =>
	text === 'true' ? true : text === 'false' ? false : text;

function withoutMissing(settings: Found): Found {
	const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries);
}
