import type { RedisAddress, RedisSettings, RedisTopology } from './redis-settings';
import { InvalidOptionError } from '../../../core/errors';
import { showValue } from '../../../core/options';

/** A credential's fields as n8n hands them over: what the user left alone may be missing. */
type Fields = Readonly<Record<string, unknown>>;

/** As the credential shows them. */
const TITLES = {
	topology: 'Topology',
	host: 'Host',
	port: 'Port',
	masterName: 'Master Name',
	sentinels: 'Sentinels',
	nodes: 'Nodes',
	database: 'Database Number',
	prefix: 'Prefix',
};

/** A field that may hold what Redis cannot be reached by. */
export type RedisField = keyof typeof TITLES;

/** What the one who fills in a field knows it by. */
type NameOf = (field: RedisField) => string;

const HIGHEST_PORT = 65_535;

/**
 * What a Redis credential says, n8n's own or Bulwark's, or settings of the same names.
 * @param nameOf what an error calls a field; by default its title in the credential.
 * @throws {InvalidOptionError} that names the field, its value and the remedy; never a secret.
 */
export function redisSettingsOf(
	fields: Fields,
	nameOf: NameOf = (field) => TITLES[field],
): RedisSettings {
	const read = (name: string): string => textOf(fields[name]);
	const optional = (name: string): string | undefined => read(name) || undefined;
	const refuse: Refuse = (field, value, problem, remedy) => {
		throw new InvalidOptionError(nameOf(field), showValue(value), problem, remedy);
	};
	return {
		topology: topologyOf(fields, refuse),
		username: optional('user'),
		password: secretOf(fields.password),
		database: databaseOf(fields.database, refuse),
		prefix: prefixOf(optional('prefix'), refuse),
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

/** @throws {InvalidOptionError} */
type Refuse = (field: RedisField, value: unknown, problem: string, remedy: string) => never;

function topologyOf(fields: Fields, refuse: Refuse): RedisTopology {
	const { topology = 'standalone' } = fields;
	switch (topology) {
		case 'standalone':
			return {
				type: 'standalone',
				address: {
					host: hostOf('host', fields.host, refuse),
					port: portOf('port', fields.port ?? 6_379, refuse),
				},
			};
		case 'sentinel': {
			const masterName = textOf(fields.masterName);
			if (masterName === '')
				refuse('masterName', masterName, 'empty', 'Give the name that the sentinels use');
			return {
				type: 'sentinel',
				masterName,
				sentinels: addressesOf('sentinels', fields.sentinels, 26_379, refuse),
				sentinelUsername: textOf(fields.sentinelUser) || undefined,
				sentinelPassword: secretOf(fields.sentinelPassword),
			};
		}
		case 'cluster':
			return { type: 'cluster', nodes: addressesOf('nodes', fields.nodes, 6_379, refuse) };
		default:
			return refuse(
				'topology',
				topology,
				'not one of its choices',
				'Set it to standalone, sentinel or cluster',
			);
	}
}

function addressesOf(
	field: RedisField,
	value: unknown,
	usualPort: number,
	refuse: Refuse,
): RedisAddress[] {
	const parts = textOf(value)
		.split(/[\s,]+/)
		.filter(Boolean);
	if (parts.length === 0)
		refuse(field, value, 'empty', 'Give at least one address, such as redis-1:6379');
	return parts.map((part) => {
		const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(part)!;
		return {
			// An IPv6 address stands in brackets where a port follows.
			host: hostOf(field, host!.replace(/^\[(.*)\]$/, '$1'), refuse),
			port: portOf(field, port ?? usualPort, refuse),
		};
	});
}

function hostOf(field: RedisField, value: unknown, refuse: Refuse): string {
	const host = textOf(value);
	if (host === '' || /[\s/@]/.test(host))
		refuse(field, value, 'not the name of a host', 'Give a host name or an IP address alone');
	return host;
}

function portOf(field: RedisField, value: unknown, refuse: Refuse): number {
	const port = Number(value);
	if (!Number.isInteger(port) || port < 1 || port > HIGHEST_PORT)
		refuse(field, value, 'not a port', `Set it to a number from 1 to ${HIGHEST_PORT}`);
	return port;
}

function databaseOf(value: unknown = 0, refuse: Refuse): number {
	const number = Number(value);
	if (!Number.isInteger(number) || number < 0)
		refuse('database', value, 'not a database', 'Set it to 0 or more');
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
function prefixOf(prefix: string | undefined, refuse: Refuse): string | undefined {
	if (prefix?.includes('{}'))
		refuse('prefix', prefix, 'a prefix with an empty hash tag', 'Put a name between the braces');
	return prefix;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** As it is: blanks may be part of it. */
const secretOf = (value: unknown): string | undefined =>
	typeof value === 'string' && value !== '' ? value : undefined;
