import type { DatabaseSettings, N8nAddress, StackSettings } from '../../../adapters/n8n';
import { redisSettingsOf, type RedisSettings } from '../../../adapters/redis';
import { InvalidOptionError } from '../../../core/errors';
import { httpAddress, showValue } from '../../../core/options';
import type { StackMode } from '../../../core/stack';
import { settingsOfProcess } from './settings-of-process';
import type { StackOptions } from './stack-options';
import { readWorkerHealthUrls } from './worker-health-urls';

type Fields = Readonly<Record<string, unknown>>;

/** What the credentials that a node uses say, by their names. */
export type StackCredentials = Readonly<Record<string, Fields | undefined>>;

/** Whom a node asks: the stack, and the Redis in which steps keep their state. */
export interface NodeStackSettings {
	readonly stack: StackSettings;
	readonly policies: RedisSettings | undefined;
}

/**
 * What a node's parameters and credentials say of the stack.
 * @throws {InvalidOptionError} that names the field, its value and the remedy; never a secret.
 */
export function stackSettingsOf(
	options: StackOptions,
	credentials: StackCredentials,
): NodeStackSettings {
	const { state, isQueueMode } = options;
	const policies = state === 'process' ? undefined : redisSettingsOf(credentials[state] ?? {});
	const n8n = settingsOfProcess();
	return {
		policies,
		stack: {
			redis: isQueueMode ? policies : undefined,
			executionsMode: modeOf(options.database, n8n.value('EXECUTIONS_MODE')),
			queue: {
				prefix: options.queuePrefix,
				registryPrefix: options.registryPrefix,
				pools: options.pools.split(/[\s,]+/).filter(Boolean),
				lockDurationMs: options.lockDurationMs,
				lockRenewTimeMs: options.lockRenewTimeMs,
				keepLastCompleted: 0,
				keepLastFailed: 0,
			},
			database: databaseOf(options, credentials.postgres ?? {}),
			n8n:
				options.api === 'n8nApi'
					? {
							...n8nOf(credentials.n8nApi ?? {}),
							webhookUrl: webhookUrlOf(options.webhookUrl.trim()),
							webhookEndpoint: n8n.value('N8N_ENDPOINT_WEBHOOK'),
						}
					: undefined,
			workerHealthUrls: readWorkerHealthUrls(options.workerHealthUrls),
			healthEndpoint: n8n.value('N8N_ENDPOINT_HEALTH'),
		},
	};
}

/** How this process runs says nothing of an n8n whose Postgres it may look at: workers may run what seems lost there. */
function modeOf(database: StackOptions['database'], ofProcess: string): StackMode | undefined {
	if (ofProcess === 'queue') return 'queue';
	return database === 'postgres' ? undefined : 'regular';
}

function databaseOf(
	{ database, databaseFile, schema, tablePrefix }: StackOptions,
	fields: Fields,
): DatabaseSettings | undefined {
	if (database === 'none') return undefined;
	if (database === 'sqlite') return { type: 'sqlite', file: databaseFile.trim(), tablePrefix };
	if (fields.sshTunnel === true)
		throw new InvalidOptionError(
			'SSH Tunnel',
			'on',
			'not supported here',
			'Give the credential an address that this machine reaches directly',
		);
	const isAnyCertificateTaken = fields.allowUnauthorizedCerts === true;
	return {
		type: 'postgres',
		host: textOf(fields.host) || 'localhost',
		port: Number(fields.port ?? 5_432),
		database: textOf(fields.database) || 'postgres',
		user: textOf(fields.user) || 'postgres',
		password: textOf(fields.password) || undefined,
		schema,
		tablePrefix,
		// As n8n's own node takes it: also to allow encryption is to ask for it.
		ssl: isAnyCertificateTaken || !['disable', undefined].includes(fields.ssl as string),
		ca: '',
		disableTlsVerification: isAnyCertificateTaken,
	};
}

/** The credential has the address of the API, which is below n8n's own. */
function n8nOf({ baseUrl, apiKey }: Fields): N8nAddress {
	const address = textOf(baseUrl).replace(/\/+$/, '');
	const url = address.replace(/\/api\/v\d+$/, '');
	if (!isHttpUrl(url))
		throw new InvalidOptionError(
			'Base URL',
			shownAddress(address),
			"not an address of n8n's API without a user and a password",
			'Set it to one such as http://127.0.0.1:5678/api/v1',
		);
	return { url, apiKey: textOf(apiKey) || undefined };
}

function webhookUrlOf(address: string): string | undefined {
	if (address !== '' && !isHttpUrl(address))
		throw new InvalidOptionError(
			'Webhook URL',
			shownAddress(address),
			'not an address of http or https without a user and a password',
			'Set it to one such as http://webhooks:5678, without the path of a webhook, or leave it empty',
		);
	return address || undefined;
}

/** Whether it can be asked: `fetch` refuses one with a user, and shows the password in its error. */
const isHttpUrl = (text: string): boolean => httpAddress.safeParse(text).success;

const shownAddress = (text: string): string => (text.includes('@') ? 'not shown' : showValue(text));

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
