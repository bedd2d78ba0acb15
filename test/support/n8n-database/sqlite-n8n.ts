import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

import type { DatabaseSettings } from '../../../adapters/n8n';
import type { N8nCommand } from '../../../scripts/n8n/index.ts';
import { migrate } from './migrate';
import type { N8nDatabase } from './n8n-database';

export type SqliteN8n = N8nDatabase & {
	readonly settings: Extract<DatabaseSettings, { type: 'sqlite' }>;
};

/** n8n's database in a SQLite file. Its migrations for SQLite fail where there is a table prefix. */
export async function sqliteN8n(n8n: N8nCommand): Promise<SqliteN8n> {
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-n8n-sqlite-'));
	await migrate(n8n, folder, { DB_TYPE: 'sqlite' });
	const database = sqliteOf(folder);
	return {
		...database,
		stop: async () => {
			await database.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** The database of an n8n that has this user folder, and may be running. */
export function sqliteOf(userFolder: string): SqliteN8n {
	const file = join(userFolder, '.n8n', 'database.sqlite');
	const connection = new DatabaseSync(file, { timeout: 10_000 });
	return {
		settings: { type: 'sqlite', file, tablePrefix: '' },
		table: (name) => `"${name}"`,
		time: (timeMs) => new Date(timeMs).toISOString().replace('T', ' ').replace('Z', ''),
		run: (sql, values = []) =>
			Promise.resolve(connection.prepare(sql).all(...(values as SQLInputValue[]))),
		stop: async () => await Promise.resolve(connection.close()),
	};
}
