import { SourceUnavailableError } from '../../core/stack';

/** What is read of an error, wherever it was made. */
interface Raised {
	readonly message?: unknown;
	/** Five characters of Postgres' own, or the name of what the system says. */
	readonly code?: unknown;
	/** Of each address that was tried. */
	readonly errors?: readonly unknown[];
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

const unavailable = (why: string, remedy: string): SourceUnavailableError =>
	new SourceUnavailableError('database', why, remedy);

/** Says what is wrong and what to do, of nothing but what the client or the server says in words. */
export function explain(error: unknown): SourceUnavailableError {
	const raised = (error ?? {}) as Raised;
	const [{ message, code }] = [((raised.errors?.[0] as Raised) ?? raised) as Raised];
	const text = String(message ?? error);
	return ofServer(String(code ?? ''), text) ?? ofConnection(String(code ?? ''), text);
}

function ofServer(code: string, text: string): SourceUnavailableError | undefined {
	switch (code) {
		case '28P01':
			return unavailable(
				`Postgres does not accept the user and password: ${text}`,
				'Correct user and password of the database',
			);
		case '28000':
			return unavailable(
				`Postgres does not let this machine or user in: ${text}`,
				'Check pg_hba.conf, and whether Postgres asks for an encrypted connection',
			);
		case '3D000':
			return unavailable(
				`Postgres has no such database: ${text}`,
				"Correct the database's name (DB_POSTGRESDB_DATABASE of n8n)",
			);
		case '42P01':
		case '3F000':
			return unavailable(
				`n8n's table is not there: ${text}`,
				'Check database, schema (DB_POSTGRESDB_SCHEMA) and table prefix (DB_TABLE_PREFIX), and that n8n has been started once',
			);
		case '42703':
			return unavailable(
				`n8n's tables are not those of a version that Bulwark knows: ${text}`,
				'Update the older one of n8n and Bulwark: this Bulwark was made for n8n 2.41 and later',
			);
		case '42501':
			return unavailable(
				`The user may not do that in Postgres: ${text}`,
				"Give it SELECT on n8n's tables, and UPDATE on the table of executions if it is to repair them",
			);
		case '25006':
			return unavailable(
				`This Postgres takes no changes: ${text}`,
				'Name the primary, not a standby, as the database',
			);
		case '53300':
			return unavailable(
				`Postgres has no connection left: ${text}`,
				"Raise max_connections, or lower DB_POSTGRESDB_POOL_SIZE of n8n's processes",
			);
		case '57014':
			return unavailable(
				`Postgres ended a question that took too long: ${text}`,
				"Check the database's load, and that its statistics are fresh (ANALYZE)",
			);
		case '55P03':
			return unavailable(
				`Another transaction keeps the row or table locked: ${text}`,
				'Try again; if it stays so, look for a transaction that does not end (pg_stat_activity)',
			);
		case '57P03':
			return unavailable(`Postgres is not ready: ${text}`, 'Wait until it has started');
		case '08P01':
			return unavailable(
				`What is at this address does not take the settings of a connection: ${text}`,
				'Name Postgres itself, not a PgBouncer before it',
			);
	}
	return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')
		? unavailable(`Postgres refused a question (${code}): ${text}`, 'Read what it says')
		: undefined;
}

function ofConnection(code: string, text: string): SourceUnavailableError {
	if (CERTIFICATE.test(code))
		return unavailable(
			`The certificate of Postgres is not trusted: ${text} (${code})`,
			'Give the certificate of the authority that signed it (DB_POSTGRESDB_SSL_CA of n8n)',
		);
	if (text.includes('does not support SSL'))
		return unavailable(
			`Postgres is not reached by TLS: ${text}`,
			'Switch ssl off, or TLS on in Postgres',
		);
	if (text.includes('password must be a string'))
		return unavailable('Postgres asks for a password', 'Give the password of the database user');
	if (/timeout/i.test(text))
		return unavailable(
			`Postgres did not answer in time: ${text}`,
			'Check that it runs and can be reached, and how busy it is',
		);
	return unavailable(
		`Postgres cannot be reached: ${text || code}`,
		'Check host and port of the database, that it runs, and that this machine may connect to it',
	);
}
