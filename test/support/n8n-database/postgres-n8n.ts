import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

import type { DatabaseSettings } from '../../../adapters/n8n';
import type { N8nCommand } from '../../../scripts/n8n/index.ts';
import { plantedSecret } from '../planted-secrets';
import { startPostgresServer } from '../postgres-server';
import { migrate } from './migrate';
import type { N8nDatabase } from './n8n-database';

const SCHEMA = 'Flows';
const TABLE_PREFIX = 'acme_';

export type PostgresN8n = N8nDatabase & {
	readonly settings: Extract<DatabaseSettings, { type: 'postgres' }>;
	/** Ends the server and starts it again. */
	readonly server: Awaited<ReturnType<typeof startPostgresServer>>;
};

/** n8n's database in a Postgres of its own, in a schema and with a table prefix that are not the usual ones. */
export async function postgresN8n(n8n: N8nCommand): Promise<PostgresN8n> {
	const password = plantedSecret('postgres');
	const server = await startPostgresServer(password);
	const address = {
		host: '127.0.0.1',
		port: server.port,
		user: server.user,
		database: server.database,
	};
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-n8n-postgres-'));
	const client = new Client({ ...address, password });
	try {
		await client.connect();
		// As with servers that are ended while they are asked.
		client.on('error', () => undefined);
		await client.query(`CREATE SCHEMA "${SCHEMA}"`);
		await migrate(n8n, folder, {
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: address.host,
			DB_POSTGRESDB_PORT: `${address.port}`,
			DB_POSTGRESDB_DATABASE: address.database,
			DB_POSTGRESDB_USER: address.user,
			DB_POSTGRESDB_PASSWORD: password,
			DB_POSTGRESDB_SCHEMA: SCHEMA,
			DB_TABLE_PREFIX: TABLE_PREFIX,
		});
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	return {
		server,
		settings: {
			type: 'postgres',
			...address,
			password,
			schema: SCHEMA,
			tablePrefix: TABLE_PREFIX,
			ssl: false,
			ca: '',
			disableTlsVerification: false,
		},
		table: (name) => `"${SCHEMA}"."${TABLE_PREFIX}${name}"`,
		time: (timeMs) => new Date(timeMs),
		run: async (sql, values = []) => {
			let count = 0;
			const numbered = sql.replaceAll('?', () => `$${(count += 1)}`);
			return (await client.query<Record<string, unknown>>(numbered, [...values])).rows;
		},
		stop: async () => {
			await client.end().catch(() => undefined);
			await server.stop();
		},
	};
}
