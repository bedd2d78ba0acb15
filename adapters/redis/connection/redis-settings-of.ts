import type { RedisAddress, RedisSettings, RedisTopology } from './redis-settings';
import { InvalidOptionError } from '../../../core/errors';
import { showValue } from '../../../core/options';

/** A credential's fields as n8n hands them over: what the user left alone may be missing. */
type Fields = Readonly<Record<string, unknown>>;

const HIGHEST_PORT = 65_535;

/**
 * What a Redis credential says, n8n's own or Bulwark's.
 * @throws {InvalidOptionError} that names the field, its value and the remedy; never a secret.
 */
export function redisSettingsOf(fields: Fields): RedisSettings {
	const read = (name: string): string => textOf(fields[name]);
	const optional = (name: string): string | undefined => read(name) || undefined;
	return {
		topology: topologyOf(fields),
		username: optional('user'),
		password: secretOf(fields.password),
		database: databaseOf(fields.database),
		prefix: prefixOf(optional('prefix')),
		...(fields.ssl === true && {
			tls: {
				ca: pemOf(optional('ca')),
				cert: pemOf(optional('cert')),
				key: pemOf(optional('privateKey')),
				serverName: optional('serverName'),
				isVerified: fields.disableTlsVerification !== true,
			},
		}),
	};
}

function topologyOf(fields: Fields): RedisTopology {
	const { topology = 'standalone' } = fields;
	switch (topology) {
		case 'standalone':
			return { type: 'standalone', address: addressOf('Host', fields.host, fields.port ?? 6_379) };
		case 'sentinel': {
			const masterName = textOf(fields.masterName);
			if (masterName === '')
				throw invalid('Master Name', masterName, 'empty', 'Give the name that the sentinels use');
			return {
				type: 'sentinel',
				masterName,
				sentinels: addressesOf('Sentinels', fields.sentinels, 26_379),
				sentinelUsername: textOf(fields.sentinelUser) || undefined,
				sentinelPassword: secretOf(fields.sentinelPassword),
			};
		}
		case 'cluster':
			return { type: 'cluster', nodes: addressesOf('Nodes', fields.nodes, 6_379) };
		default:
			throw invalid(
				'Topology',
				topology,
				'not one of its choices',
				'Set it to standalone, sentinel or cluster',
			);
	}
}

function addressesOf(field: string, value: unknown, usualPort: number): RedisAddress[] {
	const parts = textOf(value)
		.split(/[\s,]+/)
		.filter(Boolean);
	if (parts.length === 0)
		throw invalid(field, value, 'empty', 'Give at least one address, such as redis-1:6379');
	return parts.map((part) => {
		const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(part)!;
		// An IPv6 address stands in brackets where a port follows.
		return addressOf(field, host!.replace(/^\[(.*)\]$/, '$1'), port ?? usualPort);
	});
}

function addressOf(field: string, host: unknown, port: unknown): RedisAddress {
	const name = textOf(host);
	if (name === '' || /[\s/@]/.test(name))
		throw invalid(field, host, 'not the name of a host', 'Give a host name or an IP address alone');
	const number = Number(port);
	if (!Number.isInteger(number) || number < 1 || number > HIGHEST_PORT)
		throw invalid('Port', port, 'not a port', `Set it to a number from 1 to ${HIGHEST_PORT}`);
	return { host: name, port: number };
}

function databaseOf(value: unknown = 0): number {
	const number = Number(value);
	if (!Number.isInteger(number) || number < 0)
		throw invalid('Database Number', value, 'not a database', 'Set it to 0 or more');
	return number;
}

/** A field of one line turns the ends of lines into blanks. */
const pemOf = (text: string | undefined): string | undefined =>
	text?.replace(
		/(-----BEGIN [^-]+-----)([^-]+)(-----END [^-]+-----)/g,
		(_, first: string, body: string, last: string) =>
			[first, ...body.split(/\s+/).filter(Boolean), last].join('\n'),
	);

/** Redis takes an empty hash tag for none, and would part the keys of one policy. */
function prefixOf(prefix: string | undefined): string | undefined {
	if (prefix?.includes('{}'))
		throw invalid(
			'Prefix',
			prefix,
			'a prefix with an empty hash tag',
			'Put a name between the braces',
		);
	return prefix;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** As it is: blanks may be part of it. */
const secretOf = (value: unknown): string | undefined =>
	typeof value === 'string' && value !== '' ? value : undefined;

const invalid = (field: string, value: unknown, problem: string, remedy: string) =>
	new InvalidOptionError(field, showValue(value), problem, remedy);
